using Osc.Bus;
using Osc.Flows;
using Osc.Switch;
using Xunit;
using static Osc.Agent.Tests.AgentHarness;

namespace Osc.Agent.Tests;

/// <summary>Others change a bridge's flows: the agent puts them right, says so once, and does not let itself be kept busy.</summary>
public sealed class DriftTests
{
    private static readonly Flow One = FlowOn(1, "vif1.0");
    private static readonly HostFlows First = HostFlowsOf(1, ("br0", [One]));

    [Fact]
    public async Task Flows_that_somebody_took_away_are_put_back_at_once_and_reported()
    {
        await using var h = await StartedAsync();
        h.Switch.Tamper("br0", isNoticed: true);
        var drift = await h.HearAsync(m => m.Drift);
        Assert.Equal(("br0", DriftCause.FlowsChanged, 1, 0, 0), (drift.Bridge, drift.Cause, drift.Missing, drift.Changed, drift.Unwanted));
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
    }

    [Theory]
    [InlineData(FlowOwner.Osc)]
    [InlineData(FlowOwner.Other)]
    public async Task Changes_that_leave_ours_as_they_are_are_no_drift(FlowOwner owner)
    {
        await using var h = await StartedAsync();
        h.Switch.Touch("br0", owner);
        await h.InquireAsync();
        await h.HearAsync(m => m.Ports);
        Assert.Equal(["reconcile br0", "reconcile br0"], h.Switch.Calls);

        // The next thing that is said of drift is of the next one.
        h.Switch.Tamper("br0");
        h.Time.Advance(h.Options.ResyncEvery);
        Assert.Equal(DriftCause.PeriodicCheck, (await h.HearAsync(m => m.Drift)).Cause);
    }

    [Fact]
    public async Task Changes_of_others_cost_one_look_in_eleven_parts_of_the_time()
    {
        await using var h = await StartedAsync();
        h.Switch.Gate = new();
        h.Switch.Touch("br0", FlowOwner.Other);
        await h.Switch.AtGate.Task;
        h.Time.Advance(TimeSpan.FromSeconds(1));
        h.Switch.Gate.SetResult();
        await h.InquireAsync();
        await h.HearAsync(m => m.Ports);

        // The look took a second: the next one is due ten seconds later.
        h.Switch.Touch("br0", FlowOwner.Other);
        h.Time.Advance(TimeSpan.FromSeconds(9));
        await h.InquireAsync();
        await h.HearAsync(m => m.Ports);
        Assert.Equal(2, h.Switch.Calls.Count);
        h.Time.Advance(TimeSpan.FromSeconds(2));
        await h.InquireAsync();
        await h.HearAsync(m => m.Ports);
        Assert.Equal(3, h.Switch.Calls.Count);
    }

    [Fact]
    public async Task A_new_snapshot_that_differs_is_no_drift()
    {
        await using var h = await StartedAsync();
        await h.SendAsync(HostFlowsOf(2, ("br0", [FlowOn(2, "vif2.0")])), "u2");
        await h.HearAsync(m => m.Ack);
        h.Switch.Tamper("br0", isNoticed: true);
        Assert.Equal((1, 0), ((await h.HearAsync(m => m.Drift)) is { } drift ? (drift.Missing, drift.Unwanted) : default));
    }

    [Fact]
    public async Task Flows_that_a_start_finds_amiss_are_reported()
    {
        await using var h = new AgentHarness();
        h.Keep(First);
        h.Switch.Announce(Bridge("br0", ("vif1.0", 1)));
        h.Start();
        Assert.Equal(DriftCause.AgentStarted, (await h.HearAsync(m => m.Drift)).Cause);
    }

    /// <summary>An agent whose switch is as it left it.</summary>
    private static async Task<AgentHarness> StartedAsync()
    {
        var h = new AgentHarness();
        h.Switch.Announce(Bridge("br0", ("vif1.0", 1), ("vif2.0", 2)));
        h.Start();
        await h.HearHelloAsync(_ => true);
        await h.SendAsync(First, "u1");
        await h.HearAsync(m => m.Ack);
        return h;
    }
}
