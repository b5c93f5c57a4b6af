using Osc.Bus;
using Osc.Flows;
using Xunit;
using static Osc.Agent.Tests.AgentHarness;

namespace Osc.Agent.Tests;

/// <summary>Ports of which only Xen's store says whose they are.</summary>
public sealed class XenTests
{
    private const string Mac = "00:16:3e:00:00:09";

    private static readonly Flow One = FlowOn(1, Mac);
    private static readonly HostFlows First = HostFlowsOf(1, ("br0", [One]));
    private static readonly Osc.Switch.Ovsdb.SwitchBridge Br0 = Bridge("br0", ("vif9.0", 1));

    [Fact]
    public async Task A_port_is_bound_and_reported_as_the_guests_interface_that_it_is()
    {
        await using var h = await StartedAsync();
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        await h.InquireAsync();
        var report = await h.HearAsync(m => m.Ports);
        Assert.Equal(new PortVif(9, 0, Mac, null), report.Bridges[0].Ports[0].Vif);
    }

    [Fact]
    public async Task A_guest_that_starts_again_is_bound_again_at_once()
    {
        await using var h = await StartedAsync();
        h.Vifs!.Announce();
        h.Switch.Announce(Bridge("br0"));
        await h.HearAsync(m => m.Ports is { UnboundPorts: [Mac] } ports ? ports : null);
        Assert.Empty(h.Switch.FlowsOf("br0"));

        // In whichever order the two sources tell.
        h.Switch.Announce(Bridge("br0", ("vif12.0", 7)));
        h.Vifs.Announce(FakeVifs.Vif(12, 0, Mac));
        await h.HearAsync(m => m.Ports is { UnboundPorts: [] } ports ? ports : null);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        h.Vifs.Announce();
        await h.HearAsync(m => m.Ports is { UnboundPorts: [Mac] } ports ? ports : null);
        h.Vifs.Announce(FakeVifs.Vif(12, 0, Mac));
        await h.HearAsync(m => m.Ports is { UnboundPorts: [] } ports ? ports : null);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task Two_ports_that_claim_one_workload_are_an_alarm_and_neither_is_bound()
    {
        await using var h = await StartedAsync();
        h.Vifs!.Announce(FakeVifs.Vif(9, 0, Mac), FakeVifs.Vif(12, 0, Mac));
        h.Switch.Announce(Bridge("br0", ("vif9.0", 1), ("vif12.0", 7)));
        var report = await h.HearAsync(m => m.Ports is { Warnings.Count: > 0 } ports ? ports : null);
        Assert.Equal([$"bridge br0: the ports vif12.0, vif9.0 all claim the name {Mac}; it is bound to none of them"], report.Warnings);
        Assert.Equal([Mac], report.UnboundPorts);
        Assert.Empty(h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task A_start_waits_for_the_store_and_touches_nothing_that_is_right()
    {
        await using var h = await StartedAsync();
        await h.StopAsync();
        var touched = h.Switch.Touched;
        h.Switch.Announce(Br0);
        h.Start();
        h.Vifs!.Announce(FakeVifs.Vif(9, 0, Mac));
        await h.HearInForceAsync(1);
        Assert.Equal(touched, h.Switch.Touched);
    }

    [Fact]
    public async Task A_store_that_is_away_is_told_and_what_it_said_holds()
    {
        await using var h = await StartedAsync();
        h.Vifs!.AnnounceLost("no socket");
        var report = await h.HearAsync(m => m.Ports is { Warnings.Count: > 0 } ports ? ports : null);
        Assert.Equal(["changes of guests' interfaces are not seen: no socket"], report.Warnings);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        h.Vifs.Announce(FakeVifs.Vif(9, 0, Mac));
        await h.HearAsync(m => m.Ports is { Warnings.Count: 0 } ports ? ports : null);
    }

    [Fact]
    public async Task A_store_that_is_away_from_the_start_holds_nothing_up()
    {
        await using var h = new AgentHarness { Vifs = new() };
        h.Keep(HostFlowsOf(1, ("br0", [FlowOn(1, "vif9.0")])));
        h.Switch.Announce(Br0);
        h.Vifs.AnnounceLost("no socket");
        h.Start();
        await h.HearInForceAsync(1);
    }

    private static async Task<AgentHarness> StartedAsync()
    {
        var h = new AgentHarness { Vifs = new() };
        h.Keep(First);
        h.Switch.Announce(Br0);
        h.Vifs.Announce(FakeVifs.Vif(9, 0, Mac));
        h.Start();
        await h.HearInForceAsync(1);
        await h.HearAsync(m => m.Ports);
        return h;
    }
}
