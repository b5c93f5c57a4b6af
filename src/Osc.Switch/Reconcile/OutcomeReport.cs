using Osc.Model;

namespace Osc.Switch.Reconcile;

/// <summary>Makes the outcome of one call, timed from its beginning.</summary>
internal sealed class OutcomeReport(PortName bridge, TimeProvider clock)
{
    private readonly long start = clock.GetTimestamp();
    private ValueList<FlowDifference> differences = [];
    private FlowsAhead? ahead;

    /// <summary>Takes note of what a dump showed.</summary>
    public void Found(FlowComparison comparison) => (differences, ahead) = (comparison.Differences(), comparison.Ahead);

    public ReconcileOutcome Applied(FlowChanges changes, int unchanged, WaitingFlows waiting) =>
        new(bridge, ReconcileStatus.Applied, "", changes.Added, changes.Modified, changes.Removed, unchanged, waiting.Unbound, waiting.Count, [], Elapsed) { Differences = differences, Ahead = ahead };

    public ReconcileOutcome Refused(IEnumerable<FlowRefusal> refused, string detail) =>
        new(bridge, ReconcileStatus.Refused, detail, 0, 0, 0, 0, [], 0, refused.ToValueList(), Elapsed);

    public ReconcileOutcome Failed(ReconcileStatus status, string detail) => new(bridge, status, detail, 0, 0, 0, 0, [], 0, [], Elapsed);

    private TimeSpan Elapsed => clock.GetElapsedTime(start);
}
