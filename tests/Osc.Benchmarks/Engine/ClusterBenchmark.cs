using Osc.Policy.Incremental;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Engine;

/// <summary>A cluster of 100,000 pods in 25,000 namespaces under 75,000 policies on 1,000 hosts.</summary>
internal static class ClusterBenchmark
{
    private const int Runs = 5;

    public static int Run()
    {
        var report = new Report("cluster: 100,000 pods, 25,000 groups, 75,000 policies, 1,000 hosts");
        var empty = MemoryUse.Now();
        var cluster = ClusterScenario.Of(ClusterSize.Published);
        report.Memory("documents", empty);
        var state = Sound.StateOf(cluster.Documents);
        var engine = PolicyEngine.Of(state);
        report.Memory("ready to answer for any host", empty, 1_000, "Antrea 1,500-1,700 MB");
        var (validation, work, both) = (new Samples(), new Samples(), new Samples());
        for (var i = 0; i < Runs; i++)
        {
            engine = both.Add(() =>
            {
                state = validation.Add(() => Sound.StateOf(cluster.Documents));
                return work.Add(() => PolicyEngine.Of(state));
            });
        }

        report.Times("documents validated, look-ups made", validation);
        report.Times("worked out", work, 2_000);
        report.Times("both: ready to answer for any host", both, 2_000, "Antrea 5,800-6,400 ms");
        var all = new Samples();
        var measured = all.Add(() => new MeasuredEngine(engine, Enumerable.Range(0, ClusterSize.Published.Hosts).Select(ClusterScenario.HostName)));
        report.Times("flows of one host on demand", measured.Follow, 5, byMedian: true);
        report.Times("flows of all hosts", all, 10_000);
        report.Memory("all hosts followed", empty);
        measured.Repeat(report, new("a pod's label changed", 1_000, null, "Felix: about 1,000 endpoints a second"), (now, i) => cluster.Relabel(now, cluster.PodOf(i, 1), i + 1));
        measured.Repeat(report, new("a pod added", 1_000), (now, i) => cluster.AddPod(now, i, i, 1));
        measured.Repeat(report, new("a policy's port changed", 1_000), (now, i) => cluster.ChangePort(now, i, 100 + (i % 900)));
        measured.Sustain(report, 100, null, (now, i) => cluster.Relabel(now, [.. Enumerable.Range(i * 100, 100).Select(ns => (cluster.PodOf(ns, 2), ns + 7))]));
        report.Memory("after these changes", empty);
        GC.KeepAlive(measured);
        return report.Missed;
    }
}
