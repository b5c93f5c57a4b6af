using Osc.Model;
using Osc.Policy.Compile;
using Osc.Policy.Incremental;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Engine;

/// <summary>10,000 ports in 500 groups under 5,000 rules, seen from the host of the first 100 ports, and from all 100 hosts.</summary>
internal static class PortGroupBenchmark
{
    private const int Hosts = 100;
    private const int PortsOfHost = 100;
    private const int Groups = 500;
    private const int Times = 1_000;

    public static int Run() => Run("one host followed", 1) + Run("all hosts followed", Hosts);

    private static int Run(string name, int hosts)
    {
        var report = new Report($"medium: 10,000 ports, 500 groups, 5,000 rules, 100 hosts; {name}");
        var empty = MemoryUse.Now();
        var workload = PortGroupWorkload.Medium;
        var scenario = PortGroupScenario.Of(workload);
        var state = Sound.StateOf(scenario.Documents);
        if (hosts == 1)
        {
            var (fromNothing, whole) = (new Samples(), new Samples());
            for (var i = 0; i < 9; i++)
            {
                fromNothing.Add(() => PolicyEngine.Of(state).Follow(PortGroupScenario.FirstHost, HostNumbering.Empty));
                whole.Add(() => HostCompiler.Compile(state, PortGroupScenario.FirstHost, HostNumbering.Empty));
            }

            report.Times("the first host's flows, from the state and nothing", fromNothing, 150, "OVN 464 ms (northd) + 1,140 ms (controller)");
            report.Times("    by the compiler that the engine is held against", whole);
        }

        var ready = new Samples();
        var measured = ready.Add(() => new MeasuredEngine(PolicyEngine.Of(state), Enumerable.Range(0, hosts).Select(h => PortGroupScenario.HostOf(h * PortsOfHost))));
        report.Times("worked out, from the state", ready);
        report.Memory("in all", empty, peer: "OVN RSS 247 + 236 + 306 MB");
        var asked = hosts == 1 ? 2.0 : (double?)null;
        measured.Repeat(report, new("+1 address in a group", Times, asked, "OVN 8 ms (11-12 published)"), (now, i) => scenario.AddAddress(now, i % Groups, IpAddress.FromIPv4((172u << 24) + (31u << 16) + (2 * (uint)i) + 1)), takesBack: true);
        measured.Repeat(report, new("+1 local port in a group", Times, asked, "OVN 480 ms"), (now, i) => scenario.Join(now, i % PortsOfHost, (i + 1 + (i / PortsOfHost)) % Groups), takesBack: true);
        measured.Repeat(report, new("+1 rule", Times, asked, "OVN 467 ms"), (now, i) => scenario.AddRule(now, new($"new{i}", $"g{i * 7 % Groups}", $"g{i % Groups}", (ushort)(30_000 + i))), takesBack: true);
        measured.Repeat(report, new("+1 remote port", Times, asked, "OVN 877 ms"), (now, i) => scenario.AddRemotePort(now, workload.Ports.Count + i, i % Groups), takesBack: true);
        report.Memory("after these changes", empty);
        GC.KeepAlive(measured);
        return report.Missed;
    }
}
