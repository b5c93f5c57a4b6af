using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Osc.Flows;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>Flows made in one change, each once for all bridges that give it the same numbers.</summary>
internal sealed class SharedFlows
{
    private readonly Dictionary<(ConnectionEpoch Before, ConnectionEpoch After), FlowExchange> epochs = [];
    private readonly Dictionary<(AddressNode Address, uint Zone, Identity Identity), Flow> flows = [];
    private readonly Dictionary<(Transition Transition, uint Zone, Identity Before, Identity After), FlowExchange> transitions = [];
    private readonly Dictionary<Flow, FlowDigest?> digests = new(ReferenceEqualityComparer.Instance);

    /// <summary>The flows that carry an epoch, for those that carry the one before.</summary>
    public FlowExchange Of(ConnectionEpoch before, ConnectionEpoch after)
    {
        if (!epochs.TryGetValue((before, after), out var made))
        {
            var (removed, added) = EpochFlows.Between(before, after);
            epochs.Add((before, after), made = new(removed, added));
        }

        return made;
    }

    /// <summary>The flow of Identify for an address.</summary>
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
    public FlowExchange Of(Transition transition, uint zone, (Identity Before, Identity After) identities)
    {
        if (!transitions.TryGetValue((transition, zone, identities.Before, identities.After), out var made))
        {
            made = new(FlowsOf(identities.Before), FlowsOf(identities.After));
            transitions.Add((transition, zone, identities.Before, identities.After), made);
        }

        return made;

        IEnumerable<Flow> FlowsOf(Identity identity) => identity == Identity.Nobody ? [] : transition.Addresses.Select(a => Of(a, zone, identity));
    }

    /// <summary>The digest of a flow, worked out once for one that is shared.</summary>
    public FlowDigest DigestOf(Flow flow)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(digests, flow);
        return Unsafe.IsNullRef(ref known) ? FlowDigest.Of(flow) : known ??= FlowDigest.Of(flow);
    }
}
