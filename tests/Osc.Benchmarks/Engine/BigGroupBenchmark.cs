using Osc.Policy.Incremental;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Engine;

/// <summary>A group of 10,000 addresses that 1,000 rules on 1,000 hosts name.</summary>
internal static class BigGroupBenchmark
{
    private const string Ovn = "OVN 11-12 ms for 5 rules; 400 ms to 3,000 hypervisors";
    private const int ChangesOfBatch = 100;
    private const int Batches = 20;

    public static int Run() =>
        Run("every rule on every host", BigGroupSize.Published, isAsked: true)
        + Run("a rule on each host", BigGroupSize.Published with { Everywhere = false }, isAsked: false)
        + Run("a rule on each host, the group lists its addresses", BigGroupSize.Published with { Everywhere = false, Literal = true }, isAsked: false);

    private static int Run(string name, BigGroupSize size, bool isAsked)
    {
        var report = new Report($"group: 10,000 addresses, 1,000 rules, 1,000 hosts; {name}");
        var empty = MemoryUse.Now();
        var scenario = BigGroupScenario.Of(size);
        var all = new Samples();
        var engine = all.Add(() => new MeasuredEngine(PolicyEngine.Of(Sound.StateOf(scenario.Documents)), Enumerable.Range(0, size.Hosts).Select(BigGroupScenario.HostOf)));
        report.Times("all hosts worked out, from documents", all);
        report.Memory("all hosts followed", empty);
        var flows = engine.Repeat(report, new("an address joins", 1_000, isAsked ? 5 : null, Ovn, isAsked ? 1 : null), (now, i) => scenario.Join(now, i));
        report.Figure("flows that a join changes on a host", flows, "at most", "1", flows != 1);
        engine.Repeat(report, new("an address leaves", 1_000, isAsked ? 5 : null, Known: isAsked ? 1 : null), (now, i) => scenario.Leave(now, i));
        engine.Sustain(report, Batches, isAsked ? 5_000 : null, (now, i) =>
        {
            var spares = Enumerable.Range(i / 2 * ChangesOfBatch, ChangesOfBatch).ToArray();
            return i % 2 == 0 ? scenario.Join(now, spares) : scenario.Leave(now, spares);
        });
        report.Memory("after these changes", empty);
        GC.KeepAlive(engine);
        return report.Missed;
    }
}
