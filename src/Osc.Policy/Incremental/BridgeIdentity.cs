using Osc.Flows;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>
/// The flows of Identify on one bridge. They are not kept: what an address's flow is follows from the classes, and what it
/// was from the classes before they change.
/// </summary>
internal sealed class BridgeIdentity(BridgeNode bridge, HostNumbers numbers, BridgeClasses classes, IReadOnlyList<VrfNode> vrfs)
{
    private readonly Dictionary<VrfNode, uint> zones = [];
    private readonly Dictionary<VrfNode, RangeIdentities> ranges = [];

    public IReadOnlyList<VrfNode> Vrfs { get; } = vrfs;

    public bool Knows(VrfNode vrf) => Vrfs.Contains(vrf);

    public bool HasRanges(VrfNode vrf) => ranges[vrf].Flows.Count > 0;

    /// <summary>What becomes of the flows of a transition's addresses, where its sets have their classes before and after.</summary>
    public FlowExchange Exchange(Transition transition, SharedFlows shared) =>
        shared.Of(transition, zones[transition.Vrf], (OfFar(transition.From), OfFar(transition.To)));

    public void Load(VrfNode vrf, uint zone)
    {
        zones.Add(vrf, zone);
        UpdateRanges(vrf);
    }

    public Identity OfNow(AddressNode address) => Of(address, address.Exists, address.Bridge == bridge, address.Groups, address.Tenant);

    /// <summary>What it was before the change that is being worked on, as long as the classes are still those of before.</summary>
    public Identity OfBefore(AddressNode address) => address.Before is { } before
        ? Of(address, before.Existed, before.Bridge == bridge, before.Groups, before.Tenant)
        : OfNow(address);

    public Flow? FlowNow(AddressNode address, SharedFlows shared) => address.Exists ? FlowOf(address, OfNow(address), shared) : null;

    public Flow? FlowBefore(AddressNode address, SharedFlows shared) => (address.Before?.Existed ?? address.Exists) ? FlowOf(address, OfBefore(address), shared) : null;

    public IEnumerable<Flow> RangeFlows(VrfNode vrf) => ranges[vrf].Flows.Select(r => IdentityFlows.Of(zones[vrf], r.Prefix, r.Identity));

    public void UpdateRanges(VrfNode vrf) =>
        ranges[vrf] = vrf.Ranges.Count == 0 ? RangeIdentities.None : RangeIdentities.Of(vrf.Ranges.Select(r => (r.Prefix, OfNow(r))));

    /// <summary>Every flow, as things are.</summary>
    public IEnumerable<Flow> All()
    {
        foreach (var vrf in zones.Keys)
        {
            foreach (var flow in RangeFlows(vrf))
            {
                yield return flow;
            }

            // Where a range has an answer, an address inside it may need a flow to say that it has none.
            var addresses = ranges[vrf].Flows.Count > 0
                ? vrf.Addresses
                : classes.Far.Keys.SelectMany(s => s.In(vrf)).Where(a => a.Bridge != bridge).Concat(bridge.Local.Where(a => a.Vrf == vrf));
            foreach (var address in addresses)
            {
                if (!address.IsRange && address.Exists && OfNow(address) is var now && now != ranges[vrf].Around(address.Prefix))
                {
                    yield return IdentityFlows.Of(zones[vrf], address.Prefix, now);
                }
            }
        }
    }

    private Identity Of(AddressNode address, bool exists, bool isLocal, GroupSet groups, Model.Name tenant)
    {
        if (!exists)
        {
            return Identity.Nobody;
        }

        return isLocal
            ? new(classes.OfLocal(address)?.Number ?? 0, numbers.Tenants[tenant])
            : OfFar(groups);
    }

    private Identity OfFar(GroupSet groups) => new(classes.OfFar(groups)?.Number ?? 0, 0);

    private Flow? FlowOf(AddressNode address, Identity identity, SharedFlows shared) =>
        identity == ranges[address.Vrf].Around(address.Prefix) ? null : shared.Of(address, zones[address.Vrf], identity);
}
