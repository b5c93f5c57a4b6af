using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Groups;

namespace Osc.Policy.Decisions;

/// <summary>
/// Whether an address is a member, asked clause by clause: "A group's members are addresses in a vrf." The specification,
/// word for word; slow on purpose. The compiler resolves groups the other way round, as sets, in Osc.Policy.Groups.
/// </summary>
public static class Membership
{
    /// <summary>Whether one of the entries of a from, to or appliedTo has the address. An empty list has every address.</summary>
    /// <param name="tenant">The tenant of the policy that lists them: a literal range counts in its vrfs.</param>
    public static bool OfAny(State state, Name tenant, ValueList<Peer> peers, QualifiedName vrf, IpAddress address) =>
        peers.Count == 0 || peers.Any(peer => peer switch
        {
            GroupPeer group => OfGroup(state, group.Group, vrf, address),
            CidrPeer cidr => cidr.Cidr.Contains(address) && state.IsVrfOf(tenant, vrf),
            _ => throw new InvalidOperationException($"no such peer: {peer}"),
        });

    /// <summary>Whether a group has the address: one of its members clauses does and none of its except clauses.</summary>
    public static bool OfGroup(State state, QualifiedName name, QualifiedName vrf, IpAddress address)
    {
        var group = state.Group(name);
        return group.Members.Any(c => OfClause(state, name.Tenant, c, vrf, address)) && !group.Except.Any(c => OfClause(state, name.Tenant, c, vrf, address));
    }

    /// <summary>Whether one clause of a group of this tenant has the address.</summary>
    internal static bool OfClause(State state, Name tenant, Clause clause, QualifiedName vrf, IpAddress address)
    {
        var owner = state.OwnerOf(vrf, address);
        return clause switch
        {
            SelectorClause selector => owner is not null
                && (tenant == Tenants.System || owner.Tenant == tenant)
                && WorkloadLabels.Matches(selector.Selector, owner.Workload),
            WorkloadClause workload => owner?.Workload.QualifiedName == workload.Workload,
            NetworkClause network => owner?.Interface.Network == network.Network,
            GroupClause group => OfGroup(state, group.Group, vrf, address),
            CidrClause cidr => cidr.Cidr.Contains(address) && (cidr.Network is { } network ? state.Network(network).Vrf == vrf : state.IsVrfOf(tenant, vrf)),
            FqdnClause fqdn => state.IsVrfOf(tenant, vrf) && state.AddressesOf(fqdn.Fqdn).Contains(address),
            _ => throw new InvalidOperationException($"no such clause: {clause}"),
        };
    }
}
