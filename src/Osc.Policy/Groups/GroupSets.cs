using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Groups;

/// <summary>
/// Groups resolved as sets of atoms, from the leaves up: union of the members less union of the exceptions.
/// The other way round than Decisions.Membership, which asks clause by clause, and sharing no code with it.
/// </summary>
internal sealed class GroupSets
{
    private readonly State state;
    private readonly IReadOnlyList<AddressSpace> spaces;
    private readonly Dictionary<QualifiedName, HashSet<Atom>> groups = [];

    private GroupSets(State state, IReadOnlyList<AddressSpace> spaces)
    {
        this.state = state;
        this.spaces = spaces;
    }

    /// <summary>The address spaces of these vrfs, cut as finely as the peers can tell, and the sets of the peers in them.</summary>
    /// <param name="peers">Entries of from, to and appliedTo, each with the tenant of its policy.</param>
    public static (IReadOnlyList<AddressSpace> Spaces, GroupSets Sets) Resolve(State state, IEnumerable<QualifiedName> vrfs, IReadOnlyCollection<TenantPeer> peers)
    {
        var ranges = RangesOf(state, peers);
        var owned = state.Interfaces.SelectMany(i => i.Interface.Addresses.Select(a => (Address: a, Owner: i))).ToLookup(p => p.Owner.Vrf);
        var spaces = vrfs.Order()
            .Select(vrf => AddressSpace.Of(vrf, owned[vrf], ranges.Where(r => r.CountsIn(state, vrf)).Select(r => r.Cidr).SelectMany(WithIPv4Apart)))
            .ToArray();
        return (spaces, new(state, spaces));
    }

    /// <summary>The atoms that a peer has.</summary>
    public IEnumerable<Atom> Of(TenantPeer peer) => peer.Peer switch
    {
        GroupPeer group => OfGroup(group.Group),
        CidrPeer cidr => OfRange(new(cidr.Cidr, peer.Tenant, null)),
        _ => throw new InvalidOperationException($"no such peer: {peer}"),
    };

    private HashSet<Atom> OfGroup(QualifiedName name)
    {
        if (!groups.TryGetValue(name, out var set))
        {
            var group = state.Group(name);
            set = [.. group.Members.SelectMany(c => OfClause(name.Tenant, c))];
            set.ExceptWith(group.Except.SelectMany(c => OfClause(name.Tenant, c)));
            groups.Add(name, set);
        }

        return set;
    }

    private IEnumerable<Atom> OfClause(Name tenant, Clause clause) => clause switch
    {
        SelectorClause selector => OfInterfaces(i => (tenant == Tenants.System || i.Tenant == tenant) && WorkloadLabels.Matches(selector.Selector, i.Workload)),
        WorkloadClause workload => OfInterfaces(i => i.Workload.QualifiedName == workload.Workload),
        NetworkClause network => OfInterfaces(i => i.Interface.Network == network.Network),
        GroupClause group => OfGroup(group.Group),
        CidrClause cidr => OfRange(new(cidr.Cidr, tenant, cidr.Network)),
        FqdnClause fqdn => state.AddressesOf(fqdn.Fqdn).SelectMany(a => OfRange(new(Prefix.Of(a), tenant, null))),
        _ => throw new InvalidOperationException($"no such clause: {clause}"),
    };

    private IEnumerable<Atom> OfInterfaces(Func<PlacedInterface, bool> wanted) =>
        from space in spaces.Index()
        from atom in Enumerable.Range(0, space.Item.Count)
        let owner = space.Item.OwnerOf(atom)
        where owner is not null && wanted(owner)
        select new Atom(space.Index, atom);

    private IEnumerable<Atom> OfRange(TenantRange range) =>
        from space in spaces.Index()
        where range.CountsIn(state, space.Item.Vrf)
        from atom in space.Item.Inside(range.Cidr)
        select new Atom(space.Index, atom);

    /// <summary>In the 128-bit space a short IPv6 range lies around all of IPv4, so IPv4 is made an atom of its own there.</summary>
    internal static IEnumerable<Prefix> WithIPv4Apart(Prefix range) =>
        range.Family == IpFamily.IPv6 && (Prefix.AllIPv4.Network.Bits & range.Mask) == range.Network.Bits ? [range, Prefix.AllIPv4] : [range];

    private static List<TenantRange> RangesOf(State state, IEnumerable<TenantPeer> peers)
    {
        var ranges = new List<TenantRange>();
        var seen = new HashSet<QualifiedName>();
        var waiting = new Queue<QualifiedName>();
        foreach (var peer in peers)
        {
            switch (peer.Peer)
            {
                case GroupPeer group:
                    waiting.Enqueue(group.Group);
                    break;
                case CidrPeer cidr:
                    ranges.Add(new(cidr.Cidr, peer.Tenant, null));
                    break;
            }
        }

        while (waiting.TryDequeue(out var name))
        {
            if (!seen.Add(name))
            {
                continue;
            }

            var group = state.Group(name);
            foreach (var clause in group.Members.Concat(group.Except))
            {
                switch (clause)
                {
                    case GroupClause nested:
                        waiting.Enqueue(nested.Group);
                        break;
                    case CidrClause cidr:
                        ranges.Add(new(cidr.Cidr, name.Tenant, cidr.Network));
                        break;
                    case FqdnClause fqdn:
                        ranges.AddRange(state.AddressesOf(fqdn.Fqdn).Select(a => new TenantRange(Prefix.Of(a), name.Tenant, null)));
                        break;
                }
            }
        }

        return ranges;
    }
}

/// <summary>An atom of one of the spaces.</summary>
internal readonly record struct Atom(int Space, int Index);

/// <summary>An entry of from, to or appliedTo, and the tenant of the policy that it stands in.</summary>
internal readonly record struct TenantPeer(Name Tenant, Peer Peer)
{
    public bool IsGroup => Peer is GroupPeer;

    /// <summary>Whether a literal range has an address of its tenant's vrfs.</summary>
    public bool HasAddress(IpAddress address) => Peer is CidrPeer cidr && cidr.Cidr.Contains(address);

    /// <summary>A stable text, different for peers that can have different members: a group's name says it all, a range counts by tenant.</summary>
    public string Key => Peer switch
    {
        GroupPeer group => group.Group.ToString(),
        CidrPeer cidr => $"{Tenant}:{cidr.Cidr}",
        _ => throw new InvalidOperationException($"no such peer: {Peer}"),
    };
}

/// <summary>A range as a tenant names it: it counts in the tenant's vrfs, or in that of the network named beside it.</summary>
internal readonly record struct TenantRange(Prefix Cidr, Name Tenant, QualifiedName? Network)
{
    public bool CountsIn(State state, QualifiedName vrf) => Network is { } network ? state.Network(network).Vrf == vrf : state.IsVrfOf(Tenant, vrf);
}
