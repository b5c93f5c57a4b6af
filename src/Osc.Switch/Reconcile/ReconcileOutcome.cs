using Osc.Flows;
using Osc.Model;

namespace Osc.Switch.Reconcile;

/// <summary>What became of a change of a bridge's flows.</summary>
public enum ReconcileStatus
{
    /// <summary>The switch confirmed by a barrier that it has what it should have.</summary>
    Applied,

    /// <summary>At least one flow cannot be had; see <see cref="ReconcileOutcome.Refused"/>. Nothing was changed.</summary>
    Refused,

    /// <summary>
    /// The switch cannot be reached, or the connection broke. What was sent either took effect whole or not at all; which
    /// of the two, only a full reconcile can tell.
    /// </summary>
    Unavailable,

    /// <summary>A fast path was asked for, but what the bridge has is not known: reconcile in full first. Nothing was changed.</summary>
    StateUnknown,
}

/// <summary>What became of a change of a bridge's flows, counted in flows.</summary>
/// <param name="Detail">For people: the empty text where the status is <see cref="ReconcileStatus.Applied"/>, else what went wrong.</param>
/// <param name="Added">Flows that the bridge did not have.</param>
/// <param name="Modified">Flows whose actions or cookie changed.</param>
/// <param name="Removed">Flows that bore our cookie and are not wanted.</param>
/// <param name="Unchanged">Flows that were right and not touched.</param>
/// <param name="Unbound">Ports that desired flows name and the bridge does not have, in name order.</param>
/// <param name="Waiting">Flows that match such a port and are therefore not in the switch; flows that send to one are there without that output.</param>
/// <param name="Refused">The flows that cannot be had, each with the reason.</param>
/// <param name="Duration">From the call to its answer.</param>
public sealed record ReconcileOutcome(
    PortName Bridge,
    ReconcileStatus Status,
    string Detail,
    int Added,
    int Modified,
    int Removed,
    int Unchanged,
    ValueList<UnboundPort> Unbound,
    int Waiting,
    ValueList<FlowRefusal> Refused,
    TimeSpan Duration)
{
    /// <summary>
    /// The first differences that a dump showed, <see cref="DifferenceNotes.MaxNotes"/> at most; <see cref="Added"/>,
    /// <see cref="Modified"/> and <see cref="Removed"/> count all. Empty where there was no dump.
    /// </summary>
    public ValueList<FlowDifference> Differences { get; init; } = [];

    /// <summary>Others' flows that come before ours in one of our tables; null where a dump showed none, or there was no dump.</summary>
    public FlowsAhead? Ahead { get; init; }

    public bool IsApplied => Status == ReconcileStatus.Applied;

    /// <summary>Whether the switch was found as it should be.</summary>
    public bool FoundRight => IsApplied && Added + Modified + Removed == 0;
}

/// <summary>A port that flows name and the bridge does not have.</summary>
/// <param name="Flows">How many flows name it.</param>
public sealed record UnboundPort(PortName Port, int Flows);

/// <summary>A flow that cannot be had.</summary>
/// <param name="Error">The switch's own error by its OpenFlow name, or why the flow cannot be written in OpenFlow.</param>
public sealed record FlowRefusal(Flow Flow, string Error);
