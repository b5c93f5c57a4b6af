using Osc.Bus;
using Osc.Bus.Updates;
using Osc.Flows;
using Xunit;
using static Osc.Agent.Tests.AgentHarness;

namespace Osc.Agent.Tests;

/// <summary>The switch comes, goes, restarts and changes under a running agent.</summary>
public sealed class SwitchTroubleTests
{
    private static readonly Flow One = FlowOn(1, "vif1.0");
    private static readonly Flow Two = FlowOn(2, "vif2.0");
    private static readonly HostFlows First = HostFlowsOf(1, ("br0", [One]));
    private static readonly HostFlows Both = HostFlowsOf(2, ("br0", [One, Two]));
    private static readonly Osc.Switch.Ovsdb.SwitchBridge Br0 = Bridge("br0", ("vif1.0", 1), ("vif2.0", 2));

    [Fact]
    public async Task A_switch_that_is_away_at_the_start_gets_its_flows_when_it_comes()
    {
        await using var h = new AgentHarness();
        h.Keep(First);
        h.Start();
        h.Switch.AnnounceLost("no socket");
        Assert.Equal("no socket", (await h.HearHelloAsync(_ => true)).Problem);
        h.Switch.Announce(Br0);
        await h.RetryAsync();
        await h.HearInForceAsync(1);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task An_update_while_the_switch_is_away_is_refused_but_kept()
    {
        await using var h = await StartedAsync(First);
        h.Switch.AnnounceLost("gone");
        await h.HearHelloAsync(hello => hello.Problem == "gone");
        await h.SendAsync(DeltaUpdates.Write(First, Both, "u2")!);
        var refusal = await h.HearAsync(m => m.Refusal);
        Assert.Equal((RefusalReason.SwitchUnavailable, "gone"), (refusal.Reason, refusal.Detail));
        Assert.Equal(2, h.Kept()!.Revision.Number);
        h.Switch.Announce(Br0);
        await h.RetryAsync();
        await h.HearInForceAsync(2);
        Assert.Equal(Texts(One, Two), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task A_daemon_that_restarts_gets_its_flows_back()
    {
        await using var h = await StartedAsync(First);
        h.Switch.Restart("br0");
        await h.HearHelloAsync(hello => hello.Problem == "the connection to bridge br0 ended");
        Assert.Empty(h.Switch.FlowsOf("br0"));
        await h.RetryAsync();
        await h.HearInForceAsync(1);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task A_daemon_that_waits_with_forwarding_goes_on_when_its_flows_are_back()
    {
        await using var h = new AgentHarness { RestoresBeforeForwarding = true };
        h.Keep(First);
        h.Switch.IsAway = true;
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearHelloAsync(hello => hello.Problem == "bridge br0: nobody listens");
        h.Switch.IsAway = false;
        await h.RetryAsync();
        await h.HearInForceAsync(1);
        Assert.Equal("pass gate", Assert.Single(h.Switch.Calls, c => c == "pass gate"));
        Assert.Equal("pass gate", h.Switch.Calls[^1]);

        var before = h.Switch.Calls.Count;
        h.Switch.Restart("br0");
        await h.HearHelloAsync(hello => hello.Problem == "the connection to bridge br0 ended");
        await h.RetryAsync();
        await h.HearInForceAsync(1);
        Assert.Equal(["reconcile br0", "pass gate"], h.Switch.Calls[before..]);
    }

    [Fact]
    public async Task A_daemon_does_not_wait_for_flows_that_it_refuses_or_that_nobody_holds()
    {
        await using var h = new AgentHarness { RestoresBeforeForwarding = true };
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearHelloAsync(_ => true);
        Assert.Equal(["pass gate"], h.Switch.Calls);
        await h.StopAsync();

        h.Keep(First);
        h.Switch.Refuses = (_, _) => true;
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearHelloAsync(hello => hello.Problem == "bridge br0: refused");
        Assert.Equal(["pass gate", "reconcile br0", "pass gate"], h.Switch.Calls.Take(3));
    }

    [Fact]
    public async Task A_bridge_that_does_not_answer_is_tried_again_and_again()
    {
        await using var h = new AgentHarness();
        h.Keep(First);
        h.Switch.IsAway = true;
        h.Switch.Announce(Br0);
        h.Start();
        Assert.Equal("bridge br0: nobody listens", (await h.HearHelloAsync(_ => true)).Problem);
        h.Switch.IsAway = false;
        await h.RetryAsync();
        await h.HearInForceAsync(1);
    }

    [Fact]
    public async Task Flows_that_somebody_took_away_are_repaired_at_the_next_resync()
    {
        await using var h = await StartedAsync(First);
        h.Switch.Tamper("br0");
        h.Time.Advance(h.Options.ResyncEvery);
        await h.InquireAsync();
        await h.HearAsync(m => m.Ports);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task A_bridge_that_is_missing_is_a_problem_until_it_is_made_and_others_do_not_wait_for_it()
    {
        await using var h = new AgentHarness();
        h.Keep(HostFlowsOf(1, ("br0", [One]), ("br1", [Two])));
        h.Switch.Announce(Br0);
        h.Start();
        Assert.Equal("the switch has no bridge br1", (await h.HearHelloAsync(_ => true)).Problem);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        h.Switch.Announce(Br0, Bridge("br1", ("vif2.0", 1)));
        await h.HearInForceAsync(1);
        Assert.Equal(Texts(Two), h.Switch.FlowsOf("br1"));
        Assert.Equal(["reconcile br0", "reconcile br1"], h.Switch.Calls);
    }

    [Fact]
    public async Task A_bridge_that_is_no_longer_the_hosts_loses_our_flows()
    {
        await using var h = new AgentHarness();
        h.Keep(HostFlowsOf(1, ("br0", [One]), ("br1", [Two])));
        h.Switch.Announce(Bridge("br0", ("vif1.0", 1)), Bridge("br1", ("vif2.0", 1)));
        h.Start();
        await h.HearInForceAsync(1);
        await h.HearAsync(m => m.Ports);
        await h.SendAsync(HostFlowsOf(2, ("br0", [One])), "u2");
        await h.HearAsync(m => m.Ack);
        Assert.Empty(h.Switch.FlowsOf("br1"));
        h.Time.Advance(h.Options.ResyncEvery);
        await h.InquireAsync();
        await h.HearAsync(m => m.Ports);
        Assert.Equal("reconcile br0", h.Switch.Calls[^1]);
    }

    [Fact]
    public async Task Flows_of_a_port_that_is_not_there_wait_for_it()
    {
        await using var h = new AgentHarness();
        h.Switch.Announce(Bridge("br0", ("vif1.0", 1)));
        h.Start();
        await h.HearHelloAsync(_ => true);
        await h.SendAsync(Both, "u2");
        Assert.Equal(["vif2.0"], (await h.HearAsync(m => m.Ack)).UnboundPorts);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        h.Switch.Announce(Br0);
        Assert.Empty((await h.HearAsync(m => m.Ports is { UnboundPorts.Count: 0 } ports ? ports : null)).UnboundPorts);
        Assert.Equal(Texts(One, Two), h.Switch.FlowsOf("br0"));
        Assert.Equal(["reconcile br0", "rebind br0"], h.Switch.Calls);
    }

    [Fact]
    public async Task A_port_that_is_made_anew_with_another_number_is_bound_anew()
    {
        await using var h = await StartedAsync(First);
        h.Switch.Announce(Bridge("br0", ("vif1.0", 17), ("vif2.0", 2)));
        await h.HearAsync(m => m.Ports?.Bridges[0].Ports[0].OpenFlowPort == 17 ? m.Ports : null);
        Assert.Equal(["reconcile br0", "rebind br0"], h.Switch.Calls);
    }

    [Fact]
    public async Task A_change_that_concerns_no_number_asks_nothing_of_the_switch()
    {
        await using var h = await StartedAsync(First);
        h.Switch.Announce(Br0 with { Ports = [.. Br0.Ports.Select(p => p with { LinkUp = false })] });
        await h.HearAsync(m => m.Ports is { } ports && !ports.Bridges[0].Ports[0].LinkUp ? ports : null);
        Assert.Equal(["reconcile br0"], h.Switch.Calls);
    }

    [Fact]
    public async Task A_name_that_two_ports_claim_is_bound_to_neither_and_reported()
    {
        await using var h = await StartedAsync(First);
        h.Switch.Announce(Br0 with { Ports = [Port("vif1.0", 1), Port("vif2.0", 2, "vif1.0")] });
        var report = await h.HearAsync(m => m.Ports is { Warnings.Count: > 0 } ports ? ports : null);
        Assert.Equal(["bridge br0: the ports vif1.0, vif2.0 all claim the name vif1.0; it is bound to none of them"], report.Warnings);
        Assert.Equal(["vif1.0"], report.UnboundPorts);
        Assert.Empty(h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task Flows_from_the_disk_that_the_switch_refuses_are_a_problem_and_tried_again_only_at_a_resync()
    {
        await using var h = new AgentHarness();
        h.Keep(First);
        h.Switch.Refuses = (_, _) => true;
        h.Switch.Announce(Br0);
        h.Start();
        Assert.Equal("bridge br0: refused", (await h.HearHelloAsync(_ => true)).Problem);
        h.Switch.Refuses = (_, _) => false;
        h.Time.Advance(h.Options.ResyncEvery);
        await h.HearInForceAsync(1);
    }

    [Fact]
    public async Task A_snapshot_reads_the_switch_back()
    {
        await using var h = await StartedAsync(First);
        h.Switch.Tamper("br0");
        await h.SendAsync(Both, "u2");
        await h.HearAsync(m => m.Ack);
        Assert.Equal(Texts(One, Two), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task A_bridge_that_is_put_under_other_control_is_read_back_and_reported()
    {
        await using var h = await StartedAsync(First);
        h.Switch.Tamper("br0");
        h.Switch.Announce(Br0 with { FailMode = null, Controllers = ["tcp:192.0.2.1:6653"] });
        var report = await h.HearAsync(m => m.Ports is { Warnings.Count: > 0 } ports ? ports : null);
        Assert.Equal(
            [
                "bridge br0 is not fail_mode=secure: while it has no flows it forwards everything",
                "bridge br0 is under other control too: tcp:192.0.2.1:6653 may change its flows",
            ],
            report.Warnings);
        Assert.Equal(DriftCause.BridgeChanged, (await h.HearAsync(m => m.Drift)).Cause);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
    }

    private static async Task<AgentHarness> StartedAsync(HostFlows held)
    {
        var h = new AgentHarness();
        h.Keep(held);
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearInForceAsync(held.Revision.Number);
        await h.HearAsync(m => m.Ports);
        return h;
    }
}
