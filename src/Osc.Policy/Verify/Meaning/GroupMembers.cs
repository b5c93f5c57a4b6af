using System.Collections.Concurrent;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>Groups and ranges as sets of addresses: members united, less the exceptions united.</summary>
internal sealed class GroupMembers(State state, Inventory inventory)
{
    private readonly ConcurrentDictionary<(QualifiedName Group, QualifiedName Vrf), AddressSet> groups = [];

    /// <summary>The members after a change: of groups that it cannot concern they stay known.</summary>
    /// <param name="changes">No network is among them, and no group that goes.</param>
    public GroupMembers After(State after, Inventory inventoryAfter, DocumentChanges changes)
    {
        var touched = new HashSet<QualifiedName>();
        foreach (var group in groups.Keys.Select(k => k.Group).Distinct().Where(g => changes.Any(c => IsTouched(g, c))))
        {
            Touch(group);
        }

        var next = new GroupMembers(after, inventoryAfter);
        foreach (var (key, known) in groups.Where(g => !touched.Contains(g.Key.Group)))
        {
            next.groups.TryAdd(key, known);
        }

        return next;

        void Touch(QualifiedName group)
        {
            if (touched.Add(group))
            {
                foreach (var parent in after.ReferrersOf(new(group.Tenant, Kind.SecurityGroup, group.Name)).Where(r => r.Kind == Kind.SecurityGroup))
                {
                    Touch(parent.QualifiedName);
                }
            }
        }
    }

    /// <summary>The addresses that entries of from, to or appliedTo have in a vrf; no entries are every address.</summary>
    /// <param name="tenant">The tenant of the document that lists them: a literal range counts in its vrfs.</param>
    public AddressSet Of(Name tenant, ValueList<Peer> peers, QualifiedName vrf) =>
        peers.Count == 0 ? AddressSet.All : peers.Count == 1 ? Of(tenant, peers[0], vrf) : AddressSet.UnionOf(peers.Select(p => Of(tenant, p, vrf)));

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

    /// <summary>Whether a change can concern what a group's own clauses give.</summary>
    private bool IsTouched(QualifiedName group, DocumentChange change) => change.Key.Kind switch
    {
        Kind.SecurityGroup => change.Key.QualifiedName == group,
        Kind.DnsName => Clauses(group).Any(c => c is FqdnClause),
        Kind.Workload => Clauses(group).Any(c => Gives(group.Tenant, c, (WorkloadDocument?)change.Before) || Gives(group.Tenant, c, (WorkloadDocument?)change.After)),
        _ => false,
    };

    private IEnumerable<Clause> Clauses(QualifiedName group)
    {
        var document = state.Group(group);
        return document.Members.Concat(document.Except);
    }

    private static bool Gives(Name tenant, Clause clause, WorkloadDocument? workload) => workload is not null && clause switch
    {
        SelectorClause selector => (tenant == Tenants.System || tenant == workload.Metadata.Tenant) && LabelValues.Match(workload, selector.Selector),
        WorkloadClause named => named.Workload == workload.QualifiedName,
        NetworkClause network => workload.Interfaces.Any(i => i.Network == network.Network),
        _ => false,
    };

    private AddressSet Of(Name tenant, Peer peer, QualifiedName vrf) => peer switch
    {
        GroupPeer group => Of(group.Group, vrf),
        CidrPeer cidr => Of(cidr.Cidr, state.IsVrfOf(tenant, vrf)),
        _ => throw new InvalidOperationException($"no such peer: {peer}"),
    };

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
