using System.Runtime.InteropServices;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>An enforced rule and where it stands in the order of all.</summary>
internal sealed class MeantRule(State state, int ordinal, PolicyDocument policy, Rule rule)
{
    private ServiceSet? services;

    /// <summary>Its place: tier, then the system tenant's, then tenant, order, name, position. So any tenant's rules with the system's among them are in the right order.</summary>
    public int Ordinal => ordinal;

    public PolicyDocument Policy => policy;

    public Rule Rule => rule;

    public Name Tenant => policy.Metadata.Tenant;

    public RuleKey Key => new(policy.QualifiedName, rule.Name);

    /// <summary>Peers of from, to and appliedTo by number; none is any.</summary>
    public required int[] From { get; init; }

    public required int[] To { get; init; }

    public required int[] AppliedTo { get; init; }

    public ServiceSet Services => services ??= rule.Services.Count == 0 ? ServiceSet.All : ServiceSet.Of(rule.Services.SelectMany(state.PortsOf));

    public bool HasDirection(Direction direction) => rule.Direction == Direction.Both || rule.Direction == direction;
}

/// <summary>Every enforced rule of a state in deciding order, found by what it names.</summary>
internal sealed class RuleTable
{
    private const int SparePeers = 1_000;

    private static readonly IComparer<PolicyDocument> DecidingOrder = Comparer<PolicyDocument>.Create(CompareInOrder);

    private readonly Dictionary<QualifiedName, int> groups = [];
    private readonly Dictionary<(Name Tenant, Prefix Range), int> ranges = [];
    private readonly List<(Name Tenant, Peer Peer)> peers = [];
    private readonly List<MeantRule> rules = [];

    /// <summary>In deciding order.</summary>
    private readonly List<PolicyDocument> policies;
    private readonly MeantRule[][] byFrom;
    private readonly MeantRule[][] byTo;
    private readonly MeantRule[][] byAppliedTo;
    private readonly ILookup<Name, MeantRule> everywhereFromAny;
    private readonly ILookup<Name, MeantRule> everywhereToAny;

    /// <summary>A policy's rules stand together: from where, and how many.</summary>
    private readonly Dictionary<QualifiedName, (int First, int Count)> byPolicy = [];

    /// <summary>How many peers there were when they were last numbered from nothing.</summary>
    private readonly int numberedAnew;

    /// <param name="before">A table whose peers keep their numbers; their groups are all there still.</param>
    public RuleTable(State state, RuleTable? before = null)
    {
        foreach (var (tenant, peer) in before?.peers ?? [])
        {
            Number(tenant, peer);
        }

        policies = InOrder(state, before?.policies ?? []);
        foreach (var policy in policies)
        {
            var tenant = policy.Metadata.Tenant;
            var appliedTo = Number(tenant, policy.AppliedTo);
            var first = rules.Count;
            var (next, end) = before?.byPolicy.TryGetValue(policy.QualifiedName, out var place) == true ? (place.First, place.First + place.Count) : (0, 0);
            foreach (var rule in policy.Rules.Where(r => r.Mode == RuleMode.Enforce))
            {
                // Most rules are where they were, or one further.
                var was = Was(rule, next, end) ?? Was(rule, next + 1, end);
                next = was is null ? next : was.Ordinal + 1;
                rules.Add(new(state, rules.Count, policy, rule) { AppliedTo = appliedTo, From = was?.From ?? Number(tenant, rule.From), To = was?.To ?? Number(tenant, rule.To) });
            }

            byPolicy.Add(policy.QualifiedName, (first, rules.Count - first));

            MeantRule? Was(Rule rule, int place, int end) => place < end && ReferenceEquals(before!.rules[place].Rule, rule) ? before.rules[place] : null; // without it no place is before the end
        }

        numberedAnew = before?.numberedAnew ?? peers.Count;
        byFrom = By(r => r.From);
        byTo = By(r => r.To);
        byAppliedTo = By(r => r.AppliedTo);
        everywhereFromAny = rules.Where(r => r.AppliedTo.Length == 0 && r.From.Length == 0).ToLookup(r => r.Tenant);
        everywhereToAny = rules.Where(r => r.AppliedTo.Length == 0 && r.To.Length == 0).ToLookup(r => r.Tenant);
    }

    /// <summary>Whether a further table may go on with its numbers: peers that no rule names any more keep theirs, and are not to be most of them.</summary>
    public bool IsWorthKeeping => peers.Count <= (2 * numberedAnew) + SparePeers;

    /// <summary>In deciding order.</summary>
    public IReadOnlyList<MeantRule> Rules => rules;

    /// <summary>Every entry of from, to and appliedTo, by its number, with the tenant whose vrfs a range of it counts in.</summary>
    public IReadOnlyList<(Name Tenant, Peer Peer)> Peers => peers;

    public IEnumerable<MeantRule> OfPolicy(QualifiedName policy) => byPolicy.TryGetValue(policy, out var place) ? rules.GetRange(place.First, place.Count) : [];

    /// <summary>Rules that name a peer in from, to or appliedTo, whichever tenant's.</summary>
    public IEnumerable<MeantRule> Naming(Peer peer)
    {
        var named = peer is GroupPeer group
            ? groups.TryGetValue(group.Group, out var number) ? [number] : []
            : Enumerable.Range(0, peers.Count).Where(n => peers[n].Peer == peer);
        return named.SelectMany(n => byFrom[n].Concat(byTo[n]).Concat(byAppliedTo[n])).Distinct();
    }

    /// <summary>The rules that can count for a side, as far as its own address can tell, in deciding order.</summary>
    /// <param name="tenant">The tenant of the side's workload.</param>
    /// <param name="own">The peers that have the side's address.</param>
    public IReadOnlyList<MeantRule> Enforced(Name tenant, Direction direction, PeerSet own)
    {
        var found = new HashSet<int>();
        var byOwn = direction == Direction.Out ? byFrom : byTo;
        foreach (var peer in own.Numbers)
        {
            Add(byAppliedTo[peer]);
            Add(byOwn[peer].Where(r => r.AppliedTo.Length == 0));
        }

        foreach (var decides in new[] { Tenants.System, tenant }.Distinct())
        {
            Add((direction == Direction.Out ? everywhereFromAny : everywhereToAny)[decides]);
        }

        return [.. found.Order().Select(ordinal => rules[ordinal])];

        void Add(IEnumerable<MeantRule> candidates)
        {
            foreach (var rule in candidates)
            {
                if ((rule.Tenant == tenant || rule.Tenant == Tenants.System) && rule.HasDirection(direction) && own.HasAny(Own(rule)))
                {
                    found.Add(rule.Ordinal);
                }
            }
        }

        int[] Own(MeantRule rule) => direction == Direction.Out ? rule.From : rule.To;
    }

    /// <summary>A state's policies in deciding order.</summary>
    /// <param name="before">Another state's: those that are in both need not be put in order again.</param>
    private static List<PolicyDocument> InOrder(State state, List<PolicyDocument> before)
    {
        var further = new HashSet<PolicyDocument>(state.Documents.OfType<PolicyDocument>(), ReferenceEqualityComparer.Instance);
        var kept = before.Where(further.Remove).ToList();
        var ordered = new List<PolicyDocument>(kept.Count + further.Count);
        var from = 0;
        foreach (var policy in further.Order(DecidingOrder))
        {
            // No two policies are equal in this order.
            var to = ~kept.BinarySearch(from, kept.Count - from, policy, DecidingOrder);
            ordered.AddRange(CollectionsMarshal.AsSpan(kept)[from..to]);
            ordered.Add(policy);
            from = to;
        }

        ordered.AddRange(CollectionsMarshal.AsSpan(kept)[from..]);
        return ordered;
    }

    private static int CompareInOrder(PolicyDocument one, PolicyDocument other)
    {
        var (a, b) = (one.Metadata, other.Metadata);
        var compared = ((int)one.Tier).CompareTo((int)other.Tier);
        compared = compared != 0 ? compared : (a.Tenant == Tenants.System ? 0 : 1).CompareTo(b.Tenant == Tenants.System ? 0 : 1);
        compared = compared != 0 ? compared : a.Tenant.CompareTo(b.Tenant);
        compared = compared != 0 ? compared : one.Order.CompareTo(other.Order);
        return compared != 0 ? compared : a.Name.CompareTo(b.Name);
    }

    /// <summary>The rules of each peer, counted first and then put in: there may be hundreds of thousands.</summary>
    private MeantRule[][] By(Func<MeantRule, int[]> named)
    {
        var counts = new int[peers.Count];
        foreach (var peer in rules.SelectMany(named))
        {
            counts[peer]++;
        }

        var found = Array.ConvertAll(counts, count => count == 0 ? [] : new MeantRule[count]);
        foreach (var rule in rules)
        {
            foreach (var peer in named(rule))
            {
                found[peer][^counts[peer]--] = rule;
            }
        }

        return found;
    }

    private int[] Number(Name tenant, ValueList<Peer> entries) => entries.Count switch
    {
        0 => [],
        1 => [Number(tenant, entries[0])],
        _ => [.. entries.Select(e => Number(tenant, e)).Distinct()],
    };

    /// <summary>A group is the same whoever names it; a range counts by tenant.</summary>
    private int Number(Name tenant, Peer peer)
    {
        ref var number = ref NumberOf(tenant, peer, out var isKnown);
        if (!isKnown)
        {
            number = peers.Count;
            peers.Add((peer is GroupPeer group ? group.Group.Tenant : tenant, peer));
        }

        return number;
    }

    private ref int NumberOf(Name tenant, Peer peer, out bool isKnown)
    {
        switch (peer)
        {
            case GroupPeer group:
                return ref CollectionsMarshal.GetValueRefOrAddDefault(groups, group.Group, out isKnown);
            case CidrPeer cidr:
                return ref CollectionsMarshal.GetValueRefOrAddDefault(ranges, (tenant, cidr.Cidr), out isKnown);
            default:
                throw new InvalidOperationException($"no such peer: {peer}");
        }
    }
}

/// <summary>Peers by number, in order: those that have an address.</summary>
internal sealed class PeerSet(int[] numbers) : IEquatable<PeerSet>
{
    public ReadOnlySpan<int> Numbers => numbers;

    /// <summary>Whether one of the named peers is in the set; none named is any.</summary>
    public bool HasAny(int[] named)
    {
        foreach (var number in named)
        {
            if (Array.BinarySearch(numbers, number) >= 0)
            {
                return true;
            }
        }

        return named.Length == 0;
    }

    public bool Equals(PeerSet? other) => other is not null && Numbers.SequenceEqual(other.Numbers);

    public override bool Equals(object? obj) => Equals(obj as PeerSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var number in numbers)
        {
            hash.Add(number);
        }

        return hash.ToHashCode();
    }
}
