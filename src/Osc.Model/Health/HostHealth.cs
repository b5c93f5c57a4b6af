using System.Collections.Immutable;

namespace Osc.Model.Health;

/// <summary>A row of the table: the state of a host of which this is true, and of which nothing above it is.</summary>
/// <param name="When">The same for people.</param>
public sealed record HostRule(HostState State, string When, Func<HostFacts, bool> Holds);

/// <summary>
/// The state machine of a host. Its state is a function of what is known now, never of how that came about: the first row of
/// <see cref="Rules"/> that holds. Which changes of fact lead from which state to which follows from it; docs/operations.md prints both,
/// and a test holds the page against them.
/// </summary>
public static class HostHealth
{
    public static readonly ImmutableArray<HostRule> Rules =
    [
        new(HostState.Unknown, "no agent of the host was ever heard", f => f.Agent == AgentContact.Never),
        new(HostState.Silent, "its agent missed three heartbeats", f => f.Agent == AgentContact.Lost),
        new(HostState.Connecting, "the controller has just started and waits for the agent", f => f.Agent == AgentContact.Awaited),
        new(HostState.Degraded, "the agent cannot reach its switch", f => f.Switch == SwitchContact.Away),
        new(HostState.Degraded, "the switch refuses flows", f => f.Flows == FlowProgress.Refused),
        new(HostState.Degraded, "there is another critical fault", f => f.HasFault),
        new(HostState.Connecting, "the agent has just started and looks for its switch", f => f.Switch == SwitchContact.Unseen),
        new(HostState.Syncing, "the flows that it should have are on their way", f => f.Flows == FlowProgress.OnTheWay),
        new(HostState.Enforcing, "the switch confirmed all of them, and nothing is wrong", _ => true),
    ];

    public static HostState Of(HostFacts facts) => RuleFor(facts).State;

    /// <summary>The row that says why.</summary>
    public static HostRule RuleFor(HostFacts facts) => Rules.First(rule => rule.Holds(facts)); // the last one holds for everything
}
