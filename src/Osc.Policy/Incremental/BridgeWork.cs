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

    /// <summary>Addresses that the change touched and that this bridge may know, of which more changes than their groups.</summary>
    public List<AddressNode> Others { get; } = new(0);

    /// <summary>What it does to those of which nothing changes but their groups.</summary>
    public List<Transition> Transitions { get; } = new(1);

    /// <summary>All of them.</summary>
    public IEnumerable<AddressNode> Touched => Others.Concat(Transitions.SelectMany(t => t.Addresses));

    /// <summary>Whether <see cref="Transitions"/> say all that the change does here.</summary>
    public bool IsTransitionsAlone => Others.Count + Rules.Count + Plugged.Count + Unplugged.Count == 0;

    public List<RuleChange> Rules { get; } = new(0);

    public List<PlacedInterface> Unplugged { get; } = new(0);

    public List<PlacedInterface> Plugged { get; } = new(0);

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
    private bool isSettled = true;

    public IReadOnlyList<Flow> Removed => removed;

    public IReadOnlyList<Flow> Added => added;

    public bool IsEmpty => removed.Count == 0 && added.Count == 0;

    /// <summary>Flows that give way to others in the same places.</summary>
    public void Replace(IReadOnlyList<Flow> these, IReadOnlyList<Flow> those)
    {
        removed.AddRange(these);
        added.AddRange(those);
    }

    public void Remove(IEnumerable<Flow> flows)
    {
        isSettled = false;
        removed.AddRange(flows);
    }

    public void Add(IEnumerable<Flow> flows)
    {
        isSettled = false;
        added.AddRange(flows);
    }

    /// <summary>Takes out what comes as it goes, as often as it does both.</summary>
    public void Settle()
    {
        if (isSettled || removed.Count == 0 || added.Count == 0)
        {
            return;
        }

        isSettled = true;

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
    private readonly Dictionary<(Transition Transition, uint Zone, Identity Before, Identity After), (Flow[] Before, Flow[] After)> transitions = [];
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

    /// <summary>The flows of all addresses of a transition, as they were and as they are, in vrfs without ranges that say anything.</summary>
    public (IReadOnlyList<Flow> Before, IReadOnlyList<Flow> After) Of(Transition transition, uint zone, (Identity Before, Identity After) identities)
    {
        if (!transitions.TryGetValue((transition, zone, identities.Before, identities.After), out var made))
        {
            made = (FlowsOf(identities.Before), FlowsOf(identities.After));
            transitions.Add((transition, zone, identities.Before, identities.After), made);
        }

        return made;

        Flow[] FlowsOf(Identity identity) => identity == Identity.Nobody ? [] : [.. transition.Addresses.Select(a => Of(a, zone, identity))];
    }

    /// <summary>The digest of a flow, worked out once for one that is shared.</summary>
    public FlowDigest DigestOf(Flow flow)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(digests, flow);
        return Unsafe.IsNullRef(ref known) ? FlowDigest.Of(flow) : known ??= FlowDigest.Of(flow);
    }
}
