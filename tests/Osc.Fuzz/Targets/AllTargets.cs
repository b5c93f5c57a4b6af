using Osc.Fuzz.Engine;

namespace Osc.Fuzz.Targets;

/// <summary>Everything of Osc's that reads what others wrote.</summary>
public static class AllTargets
{
    /// <summary>In the order of the building: what people write, what is between controller and agent, what is below an agent, what is kept.</summary>
    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        .. DocumentTargets.List,
        .. ValueTargets.List,
        .. RestTargets.List,
        .. ConfigurationTargets.List,
        .. FlowTargets.List,
        .. BusTargets.List,
        .. OpenFlowTargets.List,
        .. OvsdbTargets.List,
        .. XenstoreTargets.List,
        .. AuditTargets.List,
        .. AgentStateTargets.List,
    ];
}
