using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Osc.Flows;
using Osc.Lab;
using Osc.Model;
using Osc.Policy.Documents;
using Xunit;

namespace Osc.Integration.WholeSystem;

/// <summary>
/// Somebody with root rights changes a host's switch behind the agent's back, 200 times: flow by flow, by tables, by whole bridges, by taking the bridge
/// under other control. Each time all is as before, others' flows included, and the audit log says what it was.
/// </summary>
public sealed class DriftTests(ITestOutputHelper output)
{
    private const int Edits = 200;
    private const int TimeoutMilliseconds = 900_000;
    private const string Bridge = "br-int";

    private static readonly Name Host = Name.Parse("h1");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>XAPI's and an operator's flows: before ours in our first table, and in a table of their own.</summary>
    private static readonly string[] Foreign =
    [
        "cookie=0x1,table=0,priority=4001,in_port=60001,dl_src=02:0f:00:00:00:01,actions=drop",
        "cookie=0x1,table=0,priority=8000,in_port=60001,actions=drop",
        "cookie=0xbeef,table=50,priority=5,ip,actions=drop",
    ];

    private readonly Random random = new(11);

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Every_change_behind_the_agents_back_is_put_right_and_recorded_and_others_flows_stay()
    {
        var set = PolicySet.Read("three-tier-shop");
        await using var system = await RunningSystem.StartAsync(set.State);
        Assert.NotNull(await system.TryApplyAsync(DocumentPrinter.ToYaml(set.State.Documents)));
        await system.UntilEnforcingAsync();
        var openSwitch = system.Lab.Hosts[Host];
        await AddForeignAsync(openSwitch);
        var right = await system.FlowsAsync();
        var times = new List<double>();
        for (var i = 0; i < Edits; i++)
        {
            var (name, keepsForeign, edit) = Edit(i, system.Lab, await OursAsync(openSwitch));
            var known = (await system.AuditAsync("drift.repaired")).Count;
            var begin = DateTimeOffset.UtcNow;
            var expected = await edit();
            var records = await RecordsAsync(system, known, name);
            if (!keepsForeign)
            {
                await AddForeignAsync(openSwitch);
            }

            await UntilRightAsync(system, right, name);
            if (!keepsForeign)
            {
                // An edit in two steps may leave two records; the second is not to count for the next edit.
                await Task.Delay(TimeSpan.FromMilliseconds(500));
            }

            var drift = records[^1].GetProperty("after");
            times.Add((drift.GetProperty("at").GetDateTimeOffset() - begin).TotalMilliseconds);
            Assert.Equal("agent/h1", records[^1].GetProperty("actor").GetString());
            Assert.True(expected is null || Counts(drift) == expected, $"{name}: {drift}");
        }

        times.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{right.Split('\n').Length} flows; {Edits} edits, from the start of the tool that makes them to their repair: median {times[times.Count / 2]:F0} ms, p99 {times[times.Count * 99 / 100]:F0} ms, at most {times[^1]:F0} ms"));
        Assert.Contains(await system.WarningsAsync(Host), w => w.Contains("flows of others come before policy", StringComparison.Ordinal));
    }

    /// <summary>An edit: what it is, whether it leaves others' flows, and how; it tells what is to be missing, changed and unwanted, or null where that depends.</summary>
    private (string Name, bool KeepsForeign, Func<Task<(int Missing, int Changed, int Unwanted)?>> Run) Edit(int number, PolicyLab lab, string[] ours)
    {
        var openSwitch = lab.Hosts[Host];
        var flow = ours[random.Next(ours.Length)];
        var match = flow[(flow.IndexOf("table=", StringComparison.Ordinal))..flow.IndexOf(" actions=", StringComparison.Ordinal)].Replace("send_flow_rem", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        var cookie = flow[flow.IndexOf("cookie=", StringComparison.Ordinal)..flow.IndexOf(',', StringComparison.Ordinal)];
        var other = flow.EndsWith("actions=drop", StringComparison.Ordinal) ? "resubmit(,50)" : "drop";
        var table = match[6..match.IndexOf(',', StringComparison.Ordinal)];
        var inTable = ours.Count(f => f.Contains($"table={table},", StringComparison.Ordinal));
        Func<Task<(int, int, int)?>> Ofctl((int, int, int)? expected, string command, string flows, params string[] options) => async () =>
        {
            await openSwitch.OfctlAsync(["-O", "OpenFlow15", "--names", .. options, command, Bridge, flows]);
            return expected;
        };
        Func<Task<(int, int, int)?>> ThereAndBack(string[] there, string[] back) => async () =>
        {
            await openSwitch.VsctlAsync(there);
            await openSwitch.VsctlAsync(back);
            return null;
        };
        return (number % 25) switch
        {
            < 5 => ($"a flow removed: {match}", true, Ofctl((1, 0, 0), "del-flows", match, "--strict")),
            < 10 => ($"a flow's actions changed: {match}", true, Ofctl((0, 1, 0), "mod-flows", $"{match},actions={other}", "--strict")),
            < 14 => ("a flow added in our name", true, Ofctl((0, 0, 1), "add-flow", $"{cookie},table={table},priority={60_000 + number},reg0={number},actions={other}")),
            < 18 => ($"a flow displaced by another's: {match}", true, Ofctl((0, 1, 0), "add-flow", $"cookie=0xbad,{match},actions={other}")),
            < 20 => ($"a flow given a timeout: {match}", true, Ofctl((0, 1, 0), "add-flow", $"{cookie},{match},idle_timeout=600,actions={other}")),
            20 => ("a table emptied", table != "0", Ofctl((inTable, 0, 0), "del-flows", $"table={table}")),
            21 => ("all flows removed", false, Ofctl((ours.Length, 0, 0), "del-flows", "table=255")),
            22 => ("a controller set and removed", false, ThereAndBack(["set-controller", Bridge, "tcp:127.0.0.1:1"], ["del-controller", Bridge])),
            23 => ("made standalone and secure", false, ThereAndBack(["set-fail-mode", Bridge, "standalone"], ["set-fail-mode", Bridge, "secure"])),
            _ => ("the bridge made anew", false, () => RecreateAsync(lab)),
        };
    }

    private static async Task<(int, int, int)?> RecreateAsync(PolicyLab lab)
    {
        var openSwitch = lab.Hosts[Host];
        var ports = (await openSwitch.VsctlAsync("list-ports", Bridge)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await openSwitch.VsctlAsync("del-br", Bridge);
        await openSwitch.AddBridgeAsync(PortName.Parse(Bridge));
        foreach (var port in ports)
        {
            await openSwitch.AddPortAsync(PortName.Parse(Bridge), port);
        }

        return null;
    }

    private static (int, int, int)? Counts(JsonElement drift) =>
        (drift.GetProperty("missing").GetInt32(), drift.GetProperty("changed").GetInt32(), drift.GetProperty("unwanted").GetInt32());

    /// <summary>Our flows in a bridge, as ovs-ofctl prints them, which leaves out that a table is the first.</summary>
    private static async Task<string[]> OursAsync(SwitchInstance openSwitch) =>
        [.. (await openSwitch.OfctlAsync("-O", "OpenFlow15", "--no-stats", "--names", "dump-flows", Bridge)).Split('\n')
            .Select(l => l.Trim()).Where(l => l.StartsWith($"cookie=0x{FlowCookie.Owner >> 48:x}", StringComparison.Ordinal))
            .Select(l => l.Contains("table=", StringComparison.Ordinal) ? l : l.Insert(l.IndexOf(' ', StringComparison.Ordinal) + 1, "table=0, "))];

    private static async Task AddForeignAsync(SwitchInstance openSwitch)
    {
        foreach (var flow in Foreign)
        {
            await openSwitch.OfctlAsync("add-flow", Bridge, flow);
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> RecordsAsync(RunningSystem system, int known, string edit)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var records = await system.AuditAsync("drift.repaired");
            if (records.Count > known)
            {
                return records;
            }

            Assert.True(waited.Elapsed < Patience, $"no record: {edit}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    private static async Task UntilRightAsync(RunningSystem system, string right, string edit)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var now = await system.FlowsAsync();
            if (now == right)
            {
                return;
            }

            Assert.True(waited.Elapsed < Patience, $"{edit}: not put right: {string.Join('\n', now.Split('\n').Except(right.Split('\n')).Concat(right.Split('\n').Except(now.Split('\n'))))}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }
}
