using Osc.Flows;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>One flow_mod to be.</summary>
/// <param name="Ports">The binding to write the flow with: a removal names ports by the numbers they had.</param>
internal readonly record struct FlowChange(FlowCommand Command, Flow Flow, PortBinding Ports);

/// <summary>Changes in the order in which they are to be made; the removal of stale flows comes last.</summary>
internal sealed class FlowChanges(StaleFlows? stale = null)
{
    private readonly List<FlowChange> labels = [];

    public List<FlowChange> Flows { get; } = [];

    /// <summary>Found in a dump; null where there was none.</summary>
    public StaleFlows? Stale => stale;

    public int Count => Flows.Count + (stale?.Count ?? 0);

    /// <summary>Flows that keep match and actions and get another cookie. They change nothing that a packet could tell, so they need not be done with the others.</summary>
    public IReadOnlyList<FlowChange> Labels => labels;

    public int Added { get; private set; }

    public int Modified { get; private set; }

    public int Removed { get; private set; } = stale?.Count ?? 0;

    public void Add(Flow flow, PortBinding ports)
    {
        Flows.Add(new(FlowCommand.Add, flow, ports));
        Added++;
    }

    public void Remove(Flow flow, PortBinding ports)
    {
        Flows.Add(new(FlowCommand.DeleteStrict, flow, ports));
        Removed++;
    }

    /// <summary>Puts new actions in the place of the old; counters survive.</summary>
    public void ChangeActions(Flow flow, PortBinding ports)
    {
        Flows.Add(new(FlowCommand.ModifyStrict, flow, ports));
        Modified++;
    }

    /// <summary>
    /// Puts a flow in the place of one that has another cookie, which OpenFlow's modify would leave as it is. Open vSwitch hands the counts
    /// of the old flow on to one that is put over it; so where they are a rule's hits, the old one goes first.
    /// </summary>
    public void Replace(Flow flow, PortBinding ports)
    {
        if (FlowCookie.Of(flow.Cookie).Counts)
        {
            Flows.Add(new(FlowCommand.DeleteStrict, flow, ports));
        }

        Flows.Add(new(FlowCommand.Add, flow, ports));
        Modified++;
    }

    /// <summary>Gives a flow another cookie. One whose counts are a rule's hits begins anew with it, in one step with the others: its two changes may not part.</summary>
    public void Relabel(Flow flow, PortBinding ports)
    {
        if (FlowCookie.Of(flow.Cookie).Counts)
        {
            Replace(flow, ports);
            return;
        }

        labels.Add(new(FlowCommand.Add, flow, ports));
        Modified++;
    }
}
