using Osc.Flows;
using Osc.Model;

namespace Osc.Policy.Incremental;

/// <summary>What a change does to one bridge: what of the change concerns it, and then the flows that come and go.</summary>
internal sealed class BridgeWork
{
    /// <summary>Addresses that the change touched and that this bridge may know.</summary>
    public List<AddressNode> Touched { get; } = [];

    public List<RuleChange> Rules { get; } = [];

    public List<PlacedInterface> Unplugged { get; } = [];

    public List<PlacedInterface> Plugged { get; } = [];

    /// <summary>Whether flows that belong to no interface, address or rule have to be made anew.</summary>
    public bool ChangesJoints { get; set; }

    /// <summary>Whether a connection that was allowed here may not be any more.</summary>
    public bool MayRevoke { get; set; }

    public FlowDifference Flows { get; } = new();
}

/// <summary>Flows that come and go; one that does both stays.</summary>
internal sealed class FlowDifference
{
    private readonly Dictionary<FlowKey, Flow> removed = [];
    private readonly Dictionary<FlowKey, Flow> added = [];

    public IReadOnlyCollection<Flow> Removed => removed.Values;

    public IReadOnlyCollection<Flow> Added => added.Values;

    public bool IsEmpty => removed.Count == 0 && added.Count == 0;

    public void Remove(Flow flow)
    {
        if (added.TryGetValue(flow.Key, out var other) && other.Equals(flow))
        {
            added.Remove(flow.Key);
        }
        else
        {
            removed.Add(flow.Key, flow);
        }
    }

    public void Add(Flow flow)
    {
        if (removed.TryGetValue(flow.Key, out var other) && other.Equals(flow))
        {
            removed.Remove(flow.Key);
        }
        else
        {
            added.Add(flow.Key, flow);
        }
    }

    public void Remove(IEnumerable<Flow> flows)
    {
        foreach (var flow in flows)
        {
            Remove(flow);
        }
    }

    public void Add(IEnumerable<Flow> flows)
    {
        foreach (var flow in flows)
        {
            Add(flow);
        }
    }

    public BridgeDelta ToDelta(PortName bridge) => new(bridge, removed.Values.ToValueList(), added.Values.ToValueList());
}
