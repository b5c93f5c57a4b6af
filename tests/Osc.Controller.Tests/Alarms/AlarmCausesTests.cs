using Osc.Controller.Alarms;
using Osc.Controller.Delivery;
using Osc.Model;
using Osc.Model.Health;
using Xunit;

namespace Osc.Controller.Tests.Alarms;

public sealed class AlarmCausesTests
{
    private static readonly HostStatus Enforcing = new(Name.Parse("h1"), HostState.Enforcing, new(1), new(1), 10, "d")
    {
        Contact = AgentContact.Heard,
        Hello = new("1.0", 1, "d", "3.1.0", DateTimeOffset.UnixEpoch, ["br-int"]),
        Ports = new([], [], []),
    };

    private static readonly HostStatus Awaited = Enforcing with { State = HostState.Connecting, Contact = AgentContact.Awaited, Hello = null, Ports = null };

    [Fact]
    public void Host_with_which_nothing_is_wrong_is_no_cause() => Assert.Empty(AlarmCauses.Of(Enforcing, maxFlows: 10));

    [Fact]
    public void Host_over_its_budget_is_a_cause_with_both_numbers() => Assert.Equal(
        new(AlarmKind.FlowsOverBudget, "", "10 flows are more than the 9 that a host may have (maxFlowsPerHost)"),
        Assert.Single(AlarmCauses.Of(Enforcing, maxFlows: 9)));

    [Fact]
    public void Everything_can_be_told_of_a_host_that_is_heard() => Assert.All(AlarmKind.All, kind => Assert.True(AlarmCauses.CanTell(Enforcing, kind)));

    [Fact]
    public void Of_a_host_that_is_awaited_only_what_needs_no_agent_can_be_told() =>
        Assert.Equal([AlarmKind.BreakGlass, AlarmKind.FlowsOverBudget], AlarmKind.All.Where(kind => AlarmCauses.CanTell(Awaited, kind)));

    [Fact]
    public void Of_a_host_that_was_lost_before_it_was_heard_its_silence_can_be_told_too() => Assert.Equal(
        [AlarmKind.AgentSilent, AlarmKind.BreakGlass, AlarmKind.FlowsOverBudget],
        AlarmKind.All.Where(kind => AlarmCauses.CanTell(Awaited with { Contact = AgentContact.Lost }, kind)));
}
