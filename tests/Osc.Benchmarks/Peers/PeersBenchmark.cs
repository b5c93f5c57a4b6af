using System.Diagnostics;
using System.Globalization;
using Osc.Benchmarks.Delivery;
using Osc.Lab;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Peers;

/// <summary>
/// Osc and OVN side by side: the same workloads, a bridge each of the same kind with the same ports, watched by the same independent monitor. Both are up all the
/// time, and changes are made to them in turn, each taken back before the next.
/// </summary>
internal static class PeersBenchmark
{
    private const int Times = 10;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);
    private const double ChangeGoal = 25;
    private const double ConfirmedGoal = 50;

    /// <summary>Milliseconds after which a new address is level with OVN.</summary>
    private const double AddressGoal = 8;

    /// <param name="names">Workloads: small, medium, or a file of neutral JSON; none: small and medium.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> names)
    {
        var missed = 0;
        foreach (var name in names.Count > 0 ? names : ["small", "medium"])
        {
            missed += await RunAsync(Path.GetFileName(name), name switch
            {
                "small" => PortGroupWorkload.Small,
                "medium" => PortGroupWorkload.Medium,
                _ => PortGroupWorkload.Parse(File.ReadAllText(name)),
            });
        }

        return missed;
    }

    private static async Task<int> RunAsync(string name, PortGroupWorkload workload)
    {
        await using var space = await LabSpace.ClaimAsync("peers");
        var (ovnSwitch, oscSwitch) = (await SwitchInstance.StartAsync(space, "ovnsw"), await SwitchInstance.StartAsync(space, "oscsw"));
        await BenchBridge.AddAsync(ovnSwitch, workload);
        await BenchBridge.AddAsync(oscSwitch, workload);
        var table = new PeersTable($"{name}: {workload.Ports.Count:N0} ports, {workload.Groups.Count:N0} groups, {workload.Rules.Count:N0} rules; {BenchBridge.Ports} ports on this host; Open vSwitch {await oscSwitch.VersionAsync()}");

        using var ovn = await OvnSystem.StartAsync(space, ovnSwitch);
        using var osc = await OscSystem.StartAsync(space, "osc", oscSwitch, PortGroupScenario.FirstHost, BusKind.RabbitMq);
        var scenario = PortGroupScenario.Of(workload);
        table.Row("loaded, s", await SecondsAsync(() => ovn.LoadAsync(workload)), await SecondsAsync(() => osc.LoadAsync(scenario.Documents)));
        table.Row("cold start of the host: controller's or agent's start to confirmation, s", await SecondsAsync(ovn.StartChassisAsync), await SecondsAsync(() =>
        {
            osc.StartAgent();
            return osc.UntilEnforcingAsync();
        }));
        table.Row("flows on the host", await FlowsAsync(ovnSwitch), await FlowsAsync(oscSwitch), 6);

        using (var ovnWatch = await FlowWatch.StartAsync(ovnSwitch, BenchBridge.Name))
        using (var oscWatch = await FlowWatch.StartAsync(oscSwitch, BenchBridge.Name))
        {
            foreach (var kind in PeerChange.All(workload, scenario, ovn))
            {
                await MeasureAsync(table, kind, ovn, ovnWatch, osc, oscWatch);
            }
        }

        // Memory is given back a while after the work; there is no event to wait for.
        await Task.Delay(Settling);
        Use(table, ovn.Processes, osc.Processes);
        return table.Missed;
    }

    private static async Task MeasureAsync(PeersTable table, PeerChange kind, OvnSystem ovn, FlowWatch ovnWatch, OscSystem osc, FlowWatch oscWatch)
    {
        var (ovnSeen, oscSeen, ovnConfirmed, oscConfirmed) = (new List<FlowChange>(), new List<FlowChange>(), new List<double>(), new List<double>());
        for (var i = 0; i <= Times; i++)
        {
            var (operations, body) = (kind.Ovn(i), kind.OscBody(i));
            var ovnChange = await ovnWatch.MeasureAsync(() => ovn.WriteAsync(operations));
            var undone = await kind.UndoOvn(i);
            await ovnWatch.MeasureAsync(() => ovn.WriteAsync(undone));
            var oscChange = await oscWatch.MeasureAsync(() => osc.ApplyAsync(body));
            await oscWatch.MeasureAsync(() => kind.UndoOsc(osc, i));

            var ovnTime = await SecondsAsync(() => ovn.ConfirmAsync(operations)) * 1_000;
            await ovn.ConfirmAsync(await kind.UndoOvn(i));
            var oscTime = await SecondsAsync(async () => await osc.UntilConfirmedAsync(await osc.ApplyAsync(body))) * 1_000;
            await osc.UntilConfirmedAsync(await kind.UndoOsc(osc, i));
            if (i > 0) // the first of each kind warms up
            {
                ovnSeen.Add(ovnChange);
                oscSeen.Add(oscChange);
                ovnConfirmed.Add(ovnTime);
                oscConfirmed.Add(oscTime);
            }
        }

        table.Row($"{kind.Name}: flow events", Median(ovnSeen.Select(c => (double)c.Events)), Median(oscSeen.Select(c => (double)c.Events)));
        table.Row($"{kind.Name}: change to last flow event, ms", Median(ovnSeen.Select(c => c.Last)), Median(oscSeen.Select(c => c.Last)), kind.IsAddress ? null : ChangeGoal, kind.IsAddress ? AddressGoal : null);
        table.Row($"{kind.Name}: change to confirmation, ms", Median(ovnConfirmed), Median(oscConfirmed), ConfirmedGoal);
    }

    private static void Use(PeersTable table, IReadOnlyDictionary<string, int> ovn, IReadOnlyDictionary<string, int> osc)
    {
        var (ovnUse, oscUse) = (ovn.ToDictionary(p => p.Key, p => ProcessUse.Of(p.Value)), osc.ToDictionary(p => p.Key, p => ProcessUse.Of(p.Value)));
        table.Row("processor time of all control processes, load and start included, s", ovnUse.Values.Sum(u => u.CpuSeconds), oscUse.Values.Sum(u => u.CpuSeconds));
        table.Row("memory of all control processes, MB", ovnUse.Values.Sum(u => u.Megabytes), oscUse.Values.Sum(u => u.Megabytes), 2);
        foreach (var (process, use) in ovnUse.Concat(oscUse))
        {
            PeersTable.Note(string.Create(CultureInfo.InvariantCulture, $"    {process}: {use.CpuSeconds:0.0} s, {use.Megabytes:0} MB"));
        }
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> FlowsAsync(SwitchInstance instance)
    {
        var answer = await instance.OfctlAsync("dump-aggregate", BenchBridge.Name.Value);
        return double.Parse(answer.Split("flow_count=")[1].Split([' ', '\n'])[0], CultureInfo.InvariantCulture);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
