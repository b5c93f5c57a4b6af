using System.Collections.Concurrent;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>Groups and ranges as sets of addresses: members united, less the exceptions united.</summary>
internal sealed class GroupMembers(State state, Inventory inventory)
{
    private readonly ConcurrentDictionary<(QualifiedName Group, QualifiedName Vrf), AddressSet> groups = [];

    /// <summary>The addresses that entries of from, to or appliedTo have in a vrf; no entries are every address.</summary>
    /// <param name="tenant">The tenant of the document that lists them: a literal range counts in its vrfs.</param>
    public AddressSet Of(Name tenant, ValueList<Peer> peers, QualifiedName vrf) =>
        peers.Count == 0 ? AddressSet.All : AddressSet.UnionOf(peers.Select(p => p switch
        {
            GroupPeer group => Of(group.Group, vrf),
            CidrPeer cidr => Of(cidr.Cidr, state.IsVrfOf(tenant, vrf)),
            _ => throw new InvalidOperationException($"no such peer: {p}"),
        }));

    public AddressSet Of(QualifiedName group, QualifiedName vrf)
    {
        if (groups.TryGetValue((group, vrf), out var known))
        {
            return known;
        }

        var document = state.Group(group);
        var members = AddressSet.UnionOf(document.Members.Select(c => Of(group.Tenant, c, vrf)));
        var found = document.Except.Count == 0 ? members : members.Subtract(AddressSet.UnionOf(document.Except.Select(c => Of(group.Tenant, c, vrf))));
        groups.TryAdd((group, vrf), found);
        return found;
    }

    private AddressSet Of(Name tenant, Clause clause, QualifiedName vrf) => clause switch
    {
        SelectorClause selector => AddressesOf(inventory.Selected(tenant, selector.Selector), vrf),
        WorkloadClause workload => AddressesOf(inventory.OfWorkload(workload.Workload), vrf),
        NetworkClause network => AddressesOf(inventory.InNetwork(network.Network), vrf),
        GroupClause group => Of(group.Group, vrf),
        CidrClause cidr => Of(cidr.Cidr, cidr.Network is { } network ? state.Network(network).Vrf == vrf : state.IsVrfOf(tenant, vrf)),
        FqdnClause fqdn => state.IsVrfOf(tenant, vrf) ? AddressSet.Of(state.AddressesOf(fqdn.Fqdn)) : AddressSet.Empty,
        _ => throw new InvalidOperationException($"no such clause: {clause}"),
    };

    private static AddressSet Of(Prefix range, bool countsHere) => countsHere ? AddressSet.Of(range) : AddressSet.Empty;

    private static AddressSet AddressesOf(IEnumerable<PlacedInterface> interfaces, QualifiedName vrf) =>
        AddressSet.Of(interfaces.Where(i => i.Vrf == vrf).SelectMany(i => i.Interface.Addresses));
}
