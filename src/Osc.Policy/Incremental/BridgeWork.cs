using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Osc.Flows;
using Osc.Model;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>What a change does to one bridge: what of the change concerns it, and then the flows that come and go.</summary>
internal sealed class BridgeWork(IdentityCache identities)
{
    /// <summary>Flows of Identify that other bridges have alike.</summary>
    public IdentityCache Identities { get; } = identities;

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
    private readonly List<Flow> removed = [];
    private readonly List<Flow> added = [];

    public IReadOnlyList<Flow> Removed => removed;

    public IReadOnlyList<Flow> Added => added;

    public bool IsEmpty => removed.Count == 0 && added.Count == 0;

    /// <param name="flow">null: there was none.</param>
    public void Remove(Flow? flow)
    {
        if (flow is not null)
        {
            removed.Add(flow);
        }
    }

    /// <param name="flow">null: there is none.</param>
    public void Add(Flow? flow)
    {
        if (flow is not null)
        {
            added.Add(flow);
        }
    }

    public void Remove(IEnumerable<Flow> flows) => removed.AddRange(flows);

    public void Add(IEnumerable<Flow> flows) => added.AddRange(flows);

    /// <summary>Takes out what comes as it goes, as often as it does both.</summary>
    public void Settle()
    {
        if (removed.Count == 0 || added.Count == 0 || (removed.Count == 1 && added.Count == 1 && !removed[0].Equals(added[0])))
        {
            return;
        }

        var going = new Dictionary<FlowKey, List<Flow>>(removed.Count);
        foreach (var flow in removed)
        {
            if (!going.TryGetValue(flow.Key, out var alike))
            {
                going.Add(flow.Key, alike = []);
            }

            alike.Add(flow);
        }

        added.RemoveAll(flow => going.TryGetValue(flow.Key, out var alike) && alike.Remove(flow));
        removed.Clear();
        removed.AddRange(going.Values.SelectMany(f => f));
    }

    public BridgeDelta ToDelta(PortName bridge) => new(bridge, removed.ToValueList(), added.ToValueList());
}

/// <summary>Flows of Identify made in one change, each once for all bridges that give it the same numbers.</summary>
internal sealed class IdentityCache
{
    private readonly Dictionary<(AddressNode Address, uint Zone, Identity Identity), Flow> flows = [];
    private readonly Dictionary<Flow, FlowDigest?> digests = new(ReferenceEqualityComparer.Instance);

    public Flow Of(AddressNode address, uint zone, Identity identity)
    {
        if (!flows.TryGetValue((address, zone, identity), out var flow))
        {
            flows.Add((address, zone, identity), flow = IdentityFlows.Of(zone, address.Prefix, identity));
            digests.Add(flow, null);
        }

        return flow;
    }

    /// <summary>The digest of a flow, worked out once for one that is shared.</summary>
    public FlowDigest DigestOf(Flow flow)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(digests, flow);
        return Unsafe.IsNullRef(ref known) ? FlowDigest.Of(flow) : known ??= FlowDigest.Of(flow);
    }
}
