using System.Diagnostics;
using System.Text.Json;
using Osc.Lab;
using Osc.Model;
using Osc.Policy.Documents;
using Xunit;

namespace Osc.Integration.WholeSystem;

/// <summary>What goes wrong on a host with everything real, as an operator sees it: the host's state, its reason, and alarms that come and go.</summary>
public sealed class HealthTests(ITestOutputHelper output)
{
    private static readonly Name Host = Name.Parse("h1");
    private static readonly PortName Bridge = PortName.Parse("br-int");

    [Fact]
    public async Task Whatever_goes_wrong_on_a_host_is_said_with_its_reason_and_is_over_when_it_is_put_right()
    {
        var set = PolicySet.Read("three-tier-shop");
        await using var system = await RunningSystem.StartAsync(set.State, "--hello-seconds", "1");
        Assert.NotNull(await system.TryApplyAsync(DocumentPrinter.ToYaml(set.State.Documents)));
        await system.UntilEnforcingAsync();
        await UntilNoAlarmAsync(system);
        var host = system.Lab.Hosts[Host];

        await system.KillAgentAsync(Host);
        await UntilAlarmAsync(system, "agent-silent", "silent", "missed three heartbeats");
        system.StartAgent(Host);
        await UntilNoAlarmAsync(system);

        await host.KillDaemonAsync();
        await UntilAlarmAsync(system, "switch-away", "degraded", "Open vSwitch has stopped or crashed");
        await host.StartDaemonAsync();
        await UntilNoAlarmAsync(system);
        Assert.NotEmpty((await system.GetAsync("audit?name=h1&action=drift.repaired")).GetProperty("items").EnumerateArray());

        await using (new DeafDaemon(host.RunDirectory))
        {
            await UntilAlarmAsync(system, "upcalls-lost", "degraded", "lost 39 of 40 packets");
        }

        await UntilNoAlarmAsync(system);
        var datapath = (await system.GetAsync("hosts/h1")).GetProperty("agent").GetProperty("datapaths")[0];
        Assert.Equal("netdev@ovs-netdev", datapath.GetProperty("name").GetString());
        Assert.NotEqual(40, datapath.GetProperty("missed").GetInt64());

        await host.VsctlAsync(new[] { "px1", "px2" }.SelectMany(p => new[] { "--", "add-port", Bridge.Value, p, "--", "set", "interface", p, "type=internal", "external_ids:iface-id=one-guest" }));
        await UntilAlarmAsync(system, "port-name-contested", "enforcing", "the ports px1, px2 all claim the name one-guest");
        await host.RemovePortAsync(Bridge, "px2");
        await UntilNoAlarmAsync(system);

        // Tables that are full before any flow is added: the switch refuses whatever an update adds.
        await host.VsctlAsync(["--", "--id=@full", "create", "Flow_Table", "flow_limit=1", "overflow_policy=refuse", "--", "set", "Bridge", Bridge.Value, .. Enumerable.Range(0, 40).Select(t => $"flow_tables:{t}=@full")]);
        Assert.NotNull(await system.TryApplyAsync(OneRuleMore));
        await UntilAlarmAsync(system, "update-refused", "degraded", "OFPFMFC_TABLE_FULL");
        await host.VsctlAsync("clear", "Bridge", Bridge.Value, "flow_tables");
        await UntilNoAlarmAsync(system);

        await AssertRecordedAsync(system, "agent-silent", "switch-away", "upcalls-lost", "port-name-contested", "update-refused");
    }

    /// <summary>Ten minutes are too long to wait here; an agent that starts knows of no repairs either.</summary>
    [Fact]
    public async Task Flows_that_somebody_keeps_changing_are_an_alarm_and_one_change_is_none()
    {
        var set = PolicySet.Read("three-tier-shop");
        await using var system = await RunningSystem.StartAsync(set.State, "--hello-seconds", "1");
        Assert.NotNull(await system.TryApplyAsync(DocumentPrinter.ToYaml(set.State.Documents)));
        await system.UntilEnforcingAsync();
        await UntilNoAlarmAsync(system);
        for (var repairs = 1; repairs <= 3; repairs++)
        {
            Assert.Empty((await system.GetAsync("alarms?host=h1")).GetProperty("items").EnumerateArray());
            await system.Lab.Hosts[Host].OfctlAsync("del-flows", Bridge.Value, "table=41");
            await RunningSystem.UntilAsync($"{repairs} repairs", async () => (await system.AuditAsync("drift.repaired")).Count == repairs);
        }

        await UntilAlarmAsync(system, "flows-contested", "enforcing", "somebody keeps changing the flows of bridge br-int");
        await system.KillAgentAsync(Host);
        system.StartAgent(Host);
        await UntilNoAlarmAsync(system);
        await AssertRecordedAsync(system, "flows-contested");
    }

    private const string OneRuleMore = """
        apiVersion: osc/v1
        kind: Policy
        metadata: { name: one-more, tenant: shop }
        spec:
          tier: environment
          rules:
            - { name: r, from: [ web ], to: [ app, db ], services: [ tcp/7777 ], action: allow }
        """;

    private async Task UntilAlarmAsync(RunningSystem system, string kind, string state, string detail)
    {
        var waited = Stopwatch.StartNew();
        await RunningSystem.UntilAsync($"{kind}, {state}", async () =>
            (await system.GetAsync($"alarms?host=h1&kind={kind}")).GetProperty("items").EnumerateArray().Any(a => Text(a, "detail").Contains(detail, StringComparison.Ordinal))
            && Text(await system.GetAsync("hosts/h1"), "state") == state);
        var host = await system.GetAsync("hosts/h1");
        var alarm = host.GetProperty("alarms").EnumerateArray().First(a => Text(a, "kind") == kind);
        output.WriteLine($"{kind} after {waited.Elapsed.TotalSeconds:F1} s: {state}: {Text(alarm, "subject")}: {Text(alarm, "detail")}");
        if (Text(alarm, "severity") == "critical")
        {
            Assert.NotEqual("", Text(host, "error"));
        }
    }

    private async Task UntilNoAlarmAsync(RunningSystem system)
    {
        var waited = Stopwatch.StartNew();
        await RunningSystem.UntilAsync("no alarm of h1, which enforces", async () =>
            (await system.GetAsync("alarms?host=h1")).GetProperty("items").GetArrayLength() == 0 && Text(await system.GetAsync("hosts/h1"), "state") == "enforcing");
        output.WriteLine($"nothing wrong after {waited.Elapsed.TotalSeconds:F1} s");
    }

    /// <summary>Every alarm is over, kept, and has its two audit records.</summary>
    private static async Task AssertRecordedAsync(RunningSystem system, params string[] kinds)
    {
        var over = (await system.GetAsync("alarms?host=h1&state=over")).GetProperty("items").EnumerateArray().ToArray();
        var records = (await system.GetAsync("audit?name=h1&limit=1000")).GetProperty("items").EnumerateArray().ToArray();
        foreach (var kind in kinds)
        {
            Assert.Contains(over, a => Text(a, "kind") == kind && a.GetProperty("cleared").ValueKind == JsonValueKind.String);
            foreach (var action in new[] { "alarm.raise", "alarm.clear" })
            {
                Assert.Contains(records, r => Text(r, "action") == action && Text(r.GetProperty("after"), "kind") == kind);
            }
        }
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";
}
