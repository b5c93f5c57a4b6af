using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>All connections from some addresses to others whose services have one verdict for one reason.</summary>
/// <param name="Sources">Not empty; of the family of the destinations.</param>
/// <param name="Out">null where the source is nobody's, or what settles it comes before policy.</param>
/// <param name="In">The same of the destination.</param>
public sealed record MeantConnections(
    AddressSet Sources,
    AddressSet Destinations,
    ServiceSet Services,
    Verdict Verdict,
    SideMeaning? Out,
    SideMeaning? In,
    SettledBy SettledBy);

/// <summary>
/// What the documents of a state say about all connections at once: sets of addresses and services in, their verdicts and
/// deciding rules out, exactly. For connections of which no DHCP client's or server's port is the source port, as
/// <see cref="Connection.SourcePort"/> 0 says. A question costs time by what concerns its addresses, not by the size of the
/// state; indexes are made when first needed. Shares nothing with the compiler or with Decider, which it must agree with.
/// Many threads may ask at once.
/// </summary>
public sealed class PolicyMeaning
{
    private readonly Lazy<RuleTable> table;
    private readonly Lazy<PeerIndex> peers;
    private readonly Lazy<UInt128[]> cuts;
    private readonly Inventory inventory;
    private readonly GroupMembers members;

    public PolicyMeaning(State state)
        : this(state, new(() => new(state)), null, new(state), null)
    {
    }

    /// <param name="peers">The index of a state with the same groups, for the same rules; null: it is made when first needed.</param>
    /// <param name="members">The members of groups as far as they are known; null: none are.</param>
    private PolicyMeaning(State state, Lazy<RuleTable> table, Lazy<PeerIndex>? peers, Inventory inventory, GroupMembers? members)
    {
        State = state;
        this.table = table;
        this.peers = peers ?? new(() => new(state, Rules.Peers));
        this.inventory = inventory;
        this.members = members ?? new(state, inventory);
        cuts = new(FindCuts);
    }

    public State State { get; }

    internal RuleTable Rules => table.Value;

    /// <summary>What another state means. The indexes of what is the same in both are shared, so that few changes cost little.</summary>
    /// <param name="other">Another state.</param>
    /// <param name="changed">All documents in which the two states differ; more do no harm.</param>
    public PolicyMeaning For(State other, IReadOnlyCollection<DocumentKey> changed)
    {
        var kinds = changed.Select(k => k.Kind).ToHashSet();
        var hasSameRules = !kinds.Overlaps([Kind.Policy, Kind.Service]);
        var hasSamePeers = hasSameRules && !kinds.Overlaps([Kind.SecurityGroup, Kind.DnsName, Kind.Network]);
        return new(other, hasSameRules ? table : new(() => new(other)), hasSamePeers ? peers : null, InventoryFor(other, changed), null);
    }

    /// <summary>What another state means, before or after this one, as <see cref="After"/> has it.</summary>
    /// <param name="other">Another state.</param>
    /// <param name="changed">All documents in which the two states differ; more do no harm.</param>
    public PolicyMeaning To(State other, IReadOnlyCollection<DocumentKey> changed) =>
        After(other, DocumentChanges.Of(State.Documents, changed.Select(other.Documents.Find).OfType<Document>(), changed.Where(k => !other.Documents.Contains(k))));

    /// <summary>What the documents say after a change. Besides indexes, the members of groups that it does not concern stay known, and rules keep what they name.</summary>
    /// <param name="state">The state after the change.</param>
    /// <param name="changes">What leads there from this state.</param>
    public PolicyMeaning After(State state, DocumentChanges changes)
    {
        var keys = changes.Select(c => c.Key).ToArray();
        var kinds = keys.Select(k => k.Kind).ToHashSet();
        if (kinds.Contains(Kind.Network) || changes.Any(c => c.Key.Kind == Kind.SecurityGroup && c.After is null))
        {
            return For(state, keys);
        }

        var later = InventoryFor(state, keys);
        var rules = !kinds.Overlaps([Kind.Policy, Kind.Service]) ? table
            : table is { IsValueCreated: true, Value: { IsWorthKeeping: true } known } ? new(() => new(state, known))
            : new(() => new(state));
        var groups = keys.Where(k => k.Kind == Kind.SecurityGroup).Select(k => k.QualifiedName).ToArray();
        var index = kinds.Contains(Kind.DnsName) || peers is not { IsValueCreated: true, Value: var indexed }
            ? null
            : new Lazy<PeerIndex>(() => (rules.Value.Peers.Count == indexed.PeerCount ? groups.Length == 0 ? indexed : indexed.For(state, groups) : null) ?? new(state, rules.Value.Peers));
        return new(state, rules, index, later, kinds.Overlaps([Kind.Workload, Kind.SecurityGroup, Kind.DnsName]) ? members.After(state, later, changes) : members);
    }

    private Inventory InventoryFor(State other, IReadOnlyCollection<DocumentKey> changed) => changed.Any(k => k.Kind == Kind.Network)
        ? new(other)
        : inventory.For(other, changed.Where(k => k.Kind == Kind.Workload).Select(k => k.QualifiedName));

    /// <summary>The members of a group in a vrf.</summary>
    public AddressSet AddressesOf(QualifiedName group, QualifiedName vrf) => members.Of(group, vrf);

    /// <summary>The addresses in a vrf that entries of from, to or appliedTo have; no entries are every address.</summary>
    /// <param name="tenant">The tenant of the document that lists them: a literal range counts in its vrfs.</param>
    public AddressSet AddressesOf(Name tenant, ValueList<Peer> entries, QualifiedName vrf) => members.Of(tenant, entries, vrf);

    /// <summary>The services that references name; none are any.</summary>
    public ServiceSet ServicesOf(ValueList<ServiceReference> references) =>
        references.Count == 0 ? ServiceSet.All : ServiceSet.Of(references.SelectMany(State.PortsOf));

    /// <summary>
    /// What becomes of every connection from some addresses to others. Every triple of the question with both addresses of
    /// one family is in exactly one answer.
    /// </summary>
    public IEnumerable<MeantConnections> Decide(QualifiedName vrf, AddressSet sources, AddressSet destinations, ServiceSet services) =>
        from block in Blocks(vrf, sources, destinations)
        from part in block.Rules.Parts
        let asked = part.Services.Intersect(services).Intersect(ServiceSet.RealIn(block.Family))
        where !asked.IsEmpty
        select new MeantConnections(block.Sources, block.Destinations, asked, part.Verdict, part.Out, part.In, part.SettledBy);

    /// <summary>The same before services are looked at: blocks of connections that meet the same rules.</summary>
    internal IEnumerable<PairBlock> Blocks(QualifiedName vrf, AddressSet sources, AddressSet destinations) =>
        Enum.GetValues<IpFamily>().SelectMany(family =>
        {
            var all = AddressSet.OfFamily(family);
            var toMany = ToMany(vrf, family, destinations);
            var from = Parties(vrf, sources.Intersect(all), toMany, AddressSet.Empty);
            var to = Parties(vrf, destinations.Intersect(all), AddressSet.Empty, toMany);
            return new PairTable(State, Rules, family, from, to).Blocks();
        });

    /// <summary>At most how many words of rules <see cref="Decide"/> looks at for a question about all services.</summary>
    internal long WorkFor(QualifiedName vrf, AddressSet sources, AddressSet destinations) => Enum.GetValues<IpFamily>().Sum(family =>
    {
        var all = AddressSet.OfFamily(family);
        var from = Parties(vrf, sources.Intersect(all), AddressSet.Empty, AddressSet.Empty).Count;
        var to = Parties(vrf, destinations.Intersect(all), AddressSet.Empty, AddressSet.Empty).Count;
        return (long)from * to * ((Rules.Rules.Count / 64) + 1);
    });

    /// <summary>The addresses of a vrf that stand for many receivers.</summary>
    internal AddressSet ReceiversOf(QualifiedName vrf) => ToMany(vrf, IpFamily.IPv4, AddressSet.All).Union(ToMany(vrf, IpFamily.IPv6, AddressSet.All));

    /// <summary>The directed broadcast addresses of a vrf that nobody has, and whether their networks take multicast.</summary>
    internal IEnumerable<(IpAddress Address, bool Multicast)> DirectedBroadcasts(QualifiedName vrf) =>
        inventory.BroadcastsOf(vrf).Select(a => (a, inventory.IsDirectedBroadcast(vrf, a, out var multicast) && multicast));

    /// <summary>The entries of from, to or appliedTo, of any rule, that have an address.</summary>
    internal IEnumerable<Peer> PeersWith(QualifiedName vrf, IpAddress address) =>
        PeerSetOf(vrf, address, State.OwnerOf(vrf, address)).Numbers.ToArray().Select(n => Rules.Peers[n].Peer).Distinct();

    /// <summary>Multicast and broadcast destinations, of which the networks' settings decide.</summary>
    private AddressSet ToMany(QualifiedName vrf, IpFamily family, AddressSet destinations)
    {
        var many = family == IpFamily.IPv4
            ? AddressSet.Of(Prefix.Parse("224.0.0.0/4")).Union(AddressSet.Of(IpAddress.Parse("255.255.255.255"))).Union(AddressSet.Of(inventory.BroadcastsOf(vrf)))
            : AddressSet.Of(Prefix.Parse("ff00::/8"));
        return destinations.Intersect(many);
    }

    /// <summary>Cuts addresses into those that documents cannot tell apart.</summary>
    /// <param name="toMany">Not empty where the setting of a sender's network counts.</param>
    /// <param name="many">Those of the addresses that are many receivers.</param>
    private List<Party> Parties(QualifiedName vrf, AddressSet addresses, AddressSet toMany, AddressSet many)
    {
        var parties = new Dictionary<PartyKey, List<Interval<UInt128>>>();
        var single = new List<Interval<UInt128>>();
        foreach (var (address, owner) in inventory.OwnedIn(vrf, addresses))
        {
            var range = new Interval<UInt128>(address.Bits, address.Bits);
            single.Add(range);
            Enter(range, owner);
        }

        foreach (var range in addresses.Subtract(AddressSet.OfRanges(single)).Ranges.ToArray().SelectMany(Pieces))
        {
            Enter(range, null);
        }

        return [.. parties.Select(p => new Party(p.Key, AddressSet.OfRanges(p.Value)))];

        void Enter(Interval<UInt128> range, PlacedInterface? owner)
        {
            var address = IpAddress.FromBits(range.First);
            var key = new PartyKey(
                owner?.Tenant,
                PeerSetOf(vrf, address, owner),
                !toMany.IsEmpty && inventory.SendsToMany(vrf, address, owner),
                many.Contains(address) ? ReceiverOf(vrf, address) : Receiver.One);
            if (!parties.TryGetValue(key, out var ranges))
            {
                parties.Add(key, ranges = []);
            }

            ranges.Add(range);
        }
    }

    /// <summary>The entries of from, to or appliedTo that have an address, by number.</summary>
    internal PeerSet PeerSetOf(QualifiedName vrf, IpAddress address, PlacedInterface? owner) => peers.Value.Of(vrf, address, owner);

    private Receiver ReceiverOf(QualifiedName vrf, IpAddress address) =>
        !inventory.IsDirectedBroadcast(vrf, address, out var multicast) || address.IsMulticast || address.IsLimitedBroadcast ? Receiver.ManyOfSender
        : multicast ? Receiver.One : Receiver.ManyClosed;

    private IEnumerable<Interval<UInt128>> Pieces(Interval<UInt128> range)
    {
        var first = range.First;
        var at = Array.BinarySearch(cuts.Value, first);
        for (at = at < 0 ? ~at : at + 1; at < cuts.Value.Length && cuts.Value[at] <= range.Last; at++)
        {
            yield return new(first, cuts.Value[at] - 1);
            first = cuts.Value[at];
        }

        yield return new(first, range.Last);
    }

    /// <summary>Where a range that anything names begins, or ends: within two neighbouring cuts, addresses of nobody are alike.</summary>
    private UInt128[] FindCuts()
    {
        var networks = State.Documents.OfType<NetworkDocument>().SelectMany(n => n.Subnets);
        var broadcasts = State.Vrfs.SelectMany(inventory.BroadcastsOf).Select(a => Prefix.Of(a));
        Prefix[] fixedRanges = [Prefix.AllIPv4, Prefix.Parse("224.0.0.0/4"), Prefix.Parse("255.255.255.255"), Prefix.Parse("ff00::/8")];
        return [.. peers.Value.Ranges.Concat(networks).Concat(broadcasts).Concat(fixedRanges).Distinct()
            .SelectMany(p => p.Last.Bits == UInt128.MaxValue ? new[] { p.Network.Bits } : [p.Network.Bits, p.Last.Bits + 1])
            .Distinct().Order()];
    }
}
