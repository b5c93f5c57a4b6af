using Osc.Bus;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Xunit;
using static Osc.Agent.Tests.AgentHarness;

namespace Osc.Agent.Tests.Health;

public sealed class AgentHealthTests
{
    private static readonly Flow One = FlowOn(1, "vif1.0");
    private static readonly HostFlows First = HostFlowsOf(1, ("br0", [One]));
    private static readonly Osc.Switch.Ovsdb.SwitchBridge Br0 = Bridge("br0", ("vif1.0", 1), ("vif2.0", 2));

    [Fact]
    public async Task Heartbeat_says_state_counts_and_that_nothing_is_wrong()
    {
        await using var h = new AgentHarness();
        h.Keep(First);
        h.Switch.Datapaths = new([new("netdev@ovs-netdev", 7, 3, 0)], null);
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearInForceAsync(1);
        h.Time.Advance(h.Options.HelloEvery);
        var health = await HealthAsync(h, x => x.Datapaths.Count == 1);
        Assert.Equal(("enforcing", 30, 1, 2), (health.State, health.HeartbeatSeconds, health.Flows, health.Ports));
        Assert.Empty(health.Faults);
        Assert.Equal(new("netdev@ovs-netdev", 7, 3, 0), health.Datapaths[0]);
    }

    [Fact]
    public async Task Agent_without_flows_is_syncing_and_one_without_its_switch_is_degraded()
    {
        await using var h = new AgentHarness();
        h.Switch.Announce(Br0);
        h.Start();
        Assert.Equal("syncing", (await HealthAsync(h, _ => true)).State);
        await h.SendAsync(First, "u1");
        await h.HearAsync(m => m.Ack);
        h.Switch.AnnounceLost("no database");
        var lost = await HealthAsync(h, x => x.Faults.Count > 0);
        Assert.Equal(("degraded", new Fault("switch-away", "", "no database")), (lost.State, Assert.Single(lost.Faults)));
        h.Switch.Announce(Br0);
        await h.RetryAsync();
        Assert.Equal("enforcing", (await HealthAsync(h, x => x.Faults.Count == 0)).State);
    }

    [Fact]
    public async Task Port_that_leads_to_an_appliance_is_named_as_long_as_it_is_down()
    {
        await using var h = new AgentHarness();
        var hop = new Flow(PipelineTable.Hop.Id, 10, Match.Any, [new BundleLoad(PortName.Parse("vif1.0"), Registers.NearPort), new BundleLoad(PortName.Parse("ips-out"), Registers.FarPort)], One.Cookie);
        h.Keep(HostFlowsOf(1, ("br0", [hop])));
        h.Switch.Announce(Br0);
        h.Start();
        var missing = await HealthAsync(h, x => x.Faults.Count > 0);
        Assert.Equal(["hop-down br0/ips-out port ips-out of bridge br0, which leads to an appliance or back, is not there"], missing.Faults.Select(f => $"{f.Kind} {f.Subject} {f.Detail}"));

        h.Switch.Announce(With("ips-out", p => p with { BfdForwards = false }));
        var silent = await HealthAsync(h, x => x.Faults.Any(f => f.Detail.EndsWith("(BFD)", StringComparison.Ordinal)));
        Assert.Equal("br0/ips-out", Assert.Single(silent.Faults).Subject);

        h.Switch.Announce(With("ips-out", p => p with { BfdForwards = true }));
        Assert.Empty((await HealthAsync(h, x => x.Faults.Count == 0)).Faults);

        static Osc.Switch.Ovsdb.SwitchBridge With(string added, Func<Osc.Switch.Ovsdb.SwitchPort, Osc.Switch.Ovsdb.SwitchPort> change)
        {
            var bridge = Bridge("br0", ("vif1.0", 1), ("vif2.0", 2), (added, 3));
            return bridge with { Ports = [.. bridge.Ports.Select(p => p.Name.Value == added ? change(p) : p)] };
        }
    }

    [Fact]
    public async Task Bridge_that_does_not_answer_degrades_until_it_does()
    {
        await using var h = new AgentHarness();
        h.Keep(First);
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearInForceAsync(1);
        h.Switch.IsAway = true;
        h.Switch.Restart("br0");
        var away = await HealthAsync(h, x => x.Faults.Count > 0);
        Assert.Equal(("degraded", "switch-away", "br0"), (away.State, away.Faults[0].Kind, away.Faults[0].Subject));
        h.Switch.IsAway = false;
        await h.RetryAsync();
        Assert.Equal("enforcing", (await HealthAsync(h, x => x.Faults.Count == 0)).State);
    }

    [Fact]
    public async Task Bridge_that_is_missing_and_flows_on_the_disk_that_are_refused_are_named()
    {
        await using var h = new AgentHarness();
        h.Keep(HostFlowsOf(1, ("br0", [One]), ("br1", [FlowOn(1, "vif2.0")])));
        h.Switch.Refuses = (_, _) => true;
        h.Switch.Announce(Br0);
        h.Start();
        var health = await HealthAsync(h, x => x.Faults.Count == 2);
        Assert.Equal("degraded", health.State);
        Assert.Equal([("flows-refused", "br0"), ("bridge-missing", "br1")], health.Faults.Select(f => (f.Kind, f.Subject)));
    }

    [Fact]
    public async Task Lost_upcalls_degrade_a_host_whose_flows_are_all_in_force()
    {
        await using var h = new AgentHarness();
        h.Keep(First);
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearInForceAsync(1);
        h.Switch.Datapaths = new([new("netdev@ovs-netdev", 0, 50, 50)], null);
        h.Time.Advance(h.Options.CountersEvery);
        var losing = await h.HearHelloAsync(x => x.Health!.Faults.Count > 0);
        Assert.Null(losing.Problem);
        Assert.Equal(("degraded", "upcalls-lost"), (losing.Health!.State, losing.Health.Faults[0].Kind));
        h.Switch.Datapaths = new([new("netdev@ovs-netdev", 100, 90, 50)], null);
        h.Time.Advance(h.Options.CountersEvery);
        Assert.Equal("enforcing", (await HealthAsync(h, x => x.Faults.Count == 0)).State);
    }

    /// <summary>Every repair is reported; only when they keep coming is it somebody's doing that a person should know of.</summary>
    [Fact]
    public async Task Flows_that_somebody_keeps_changing_are_a_warning_until_ten_minutes_have_fewer_than_three_repairs()
    {
        await using var h = await EnforcingAsync();
        for (var repair = 1; repair <= 2; repair++)
        {
            h.Switch.Tamper("br0", isNoticed: true);
            await h.HearAsync(m => m.Hello?.Health is { Faults.Count: > 0 } ? throw new InvalidOperationException("too early") : m.Drift);
            h.Time.Advance(TimeSpan.FromMinutes(4));
        }

        h.Switch.Tamper("br0", isNoticed: true); // the third in eight minutes
        var contested = await HealthAsync(h, x => x.Faults.Count > 0);
        Assert.Equal(("enforcing", "flows-contested", "br0"), (contested.State, Assert.Single(contested.Faults).Kind, contested.Faults[0].Subject));

        await h.HearAsync(m => m.Drift);
        h.Time.Advance(TimeSpan.FromMinutes(1.9));
        await h.InquireAsync();
        Assert.Single((await HealthAsync(h, _ => true)).Faults);
        h.Time.Advance(TimeSpan.FromMinutes(0.1)); // ten since the first
        await HealthAsync(h, x => x.Faults.Count == 0);
    }

    [Fact]
    public async Task Switch_that_restarts_again_and_again_is_not_taken_for_somebody_who_changes_flows()
    {
        await using var h = await EnforcingAsync();
        for (var restart = 1; restart <= 4; restart++)
        {
            h.Switch.Restart("br0");
            await h.RetryAsync();
            Assert.Equal(DriftCause.SwitchLost, (await h.HearAsync(m => m.Hello?.Health is { } health && health.Faults.Any(f => f.Kind == "flows-contested") ? throw new InvalidOperationException("nobody changed any") : m.Drift)).Cause);
        }
    }

    /// <summary>An agent whose switch is as it left it.</summary>
    private static async Task<AgentHarness> EnforcingAsync()
    {
        var h = new AgentHarness();
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearHelloAsync(_ => true);
        await h.SendAsync(First, "u1");
        await h.HearAsync(m => m.Ack);
        return h;
    }

    [Fact]
    public async Task Warnings_do_not_degrade()
    {
        await using var h = new AgentHarness();
        h.Keep(First);
        h.Switch.Announce(Br0 with { FailMode = null, Ports = [Port("vif1.0", 1, "same"), Port("vif2.0", 2, "same")] });
        h.Start();
        var health = await HealthAsync(h, x => x.Faults.Count == 2);
        Assert.Equal("enforcing", health.State);
        Assert.Equal([("bridge-not-secure", "br0"), ("port-name-contested", "br0/same")], health.Faults.Select(f => (f.Kind, f.Subject)));
    }

    [Fact]
    public async Task One_name_on_two_bridges_is_a_warning_as_long_as_both_are_the_hosts()
    {
        await using var h = new AgentHarness();
        h.Keep(HostFlowsOf(1, ("br0", [One]), ("br1", [FlowOn(1, "vif2.0")])));
        h.Switch.Announce(Bridge("br0") with { Ports = [Port("vif1.0", 1, "same")] }, Bridge("br1") with { Ports = [Port("vif2.0", 1, "same")] });
        h.Start();
        var clash = await HealthAsync(h, x => x.Faults.Count == 1);
        Assert.Equal(new("port-on-two-bridges", "same", "ports of the bridges br0, br1 claim the name same"), clash.Faults[0]);
        await h.SendAsync(HostFlowsOf(2, ("br0", [One])), "u2");
        await HealthAsync(h, x => x.Faults.Count == 0);
    }

    [Fact]
    public async Task Ports_are_not_said_again_while_they_stay_what_they_were()
    {
        await using var h = new AgentHarness();
        h.Keep(HostFlowsOf(1, ("br0", [FlowOn(1, "vif9.0")])));
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearInForceAsync(1);
        await h.HearAsync(m => m.Ports);
        h.Time.Advance(h.Options.ResyncEvery);
        h.Time.Advance(h.Options.HelloEvery);
        await h.InquireAsync();
        var before = 0;
        await h.HearAsync(m => m.Hello is not null && ++before == 4 ? m.Hello : m.Ports is null ? null : throw new InvalidOperationException("the ports were said again"));
    }

    private static async Task<AgentHealth> HealthAsync(AgentHarness h, Func<AgentHealth, bool> which) =>
        (await h.HearHelloAsync(x => which(x.Health!))).Health!; // this agent always says it
}
