using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>What a destination is where multicast and broadcast are concerned.</summary>
internal enum Receiver
{
    /// <summary>One receiver, or a directed broadcast that its network takes: policy decides.</summary>
    One,

    /// <summary>Many: the setting of the sender's network decides whether policy is asked.</summary>
    ManyOfSender,

    /// <summary>A directed broadcast that its network does not take.</summary>
    ManyClosed,
}

/// <summary>All that documents can tell about an address.</summary>
/// <param name="Tenant">The tenant of the workload that has it; null: nobody has it.</param>
internal readonly record struct PartyKey(Name? Tenant, PeerSet Peers, bool SendsToMany, Receiver Receiver);

/// <summary>Addresses that are alike.</summary>
internal sealed record Party(PartyKey Key, AddressSet Addresses);

/// <summary>Connections that meet the same rules.</summary>
internal sealed record PairBlock(IpFamily Family, AddressSet Sources, AddressSet Destinations, PairRules Rules);

/// <summary>
/// Parties against parties. Rules that can count between any two of them are numbered; each party has them as bits, so that
/// the rules of a pair are the words of one and the other.
/// </summary>
internal sealed class PairTable
{
    private readonly State state;
    private readonly IpFamily family;
    private readonly MeantRule[] outRules;
    private readonly MeantRule[] inRules;
    private readonly List<Side> sources;
    private readonly List<Side> destinations;
    private readonly Dictionary<PairKey, PairRules> known = [];

    public PairTable(State state, RuleTable table, IpFamily family, List<Party> from, List<Party> to)
    {
        this.state = state;
        this.family = family;
        var atSource = Enforced(table, Direction.Out, from);
        var atDestination = Enforced(table, Direction.In, to);
        var toPeers = UnionOf(to);
        var fromPeers = UnionOf(from);
        outRules = [.. atSource.SelectMany(r => r).DistinctBy(r => r.Ordinal).Where(r => toPeers.HasAny(r.To)).OrderBy(r => r.Ordinal)];
        inRules = [.. atDestination.SelectMany(r => r).DistinctBy(r => r.Ordinal).Where(r => fromPeers.HasAny(r.From)).OrderBy(r => r.Ordinal)];
        sources = Merge(from, (party, i) => (Bits(outRules, atSource[i]), Bits(inRules, r => party.Key.Peers.HasAny(r.From))));
        destinations = Merge(to, (party, i) => (Bits(outRules, r => party.Key.Peers.HasAny(r.To)), Bits(inRules, atDestination[i])));
    }

    /// <summary>The pairs that meet the same rules together: for each source the destinations, then for the same destinations the sources.</summary>
    public IEnumerable<PairBlock> Blocks()
    {
        var merged = new Dictionary<(PairRules Rules, ValueList<int> Destinations), List<int>>();
        for (var s = 0; s < sources.Count; s++)
        {
            foreach (var (rules, to) in Enumerable.Range(0, destinations.Count).GroupBy(d => RulesOf(sources[s], destinations[d]), (rules, to) => (rules, to.ToValueList())))
            {
                if (!merged.TryGetValue((rules, to), out var from))
                {
                    merged.Add((rules, to), from = []);
                }

                from.Add(s);
            }
        }

        return merged.Select(m => new PairBlock(
            family,
            AddressSet.UnionOf(m.Value.Select(s => sources[s].Addresses)),
            AddressSet.UnionOf(m.Key.Destinations.Select(d => destinations[d].Addresses)),
            m.Key.Rules));
    }

    private static IReadOnlyList<MeantRule>[] Enforced(RuleTable table, Direction direction, List<Party> parties) =>
        [.. parties.Select(p => p.Key.Tenant is { } tenant ? table.Enforced(tenant, direction, p.Key.Peers) : [])];

    private static PeerSet UnionOf(List<Party> parties) => new([.. parties.SelectMany(p => p.Key.Peers.Numbers.ToArray()).Distinct().Order()]);

    /// <summary>Parties that the rules in question do not tell apart become one.</summary>
    private static List<Side> Merge(List<Party> parties, Func<Party, int, (ulong[] Out, ulong[] In)> bitsOf) =>
        [.. parties
            .Select((party, i) => (Party: party, Bits: bitsOf(party, i)))
            .GroupBy(p => new PairKey(p.Party.Key.Tenant, null, p.Party.Key.SendsToMany, p.Party.Key.Receiver, p.Bits.Out, p.Bits.In))
            .Select(g => new Side(g.Key, AddressSet.UnionOf(g.Select(p => p.Party.Addresses))))];

    private static ulong[] Bits(MeantRule[] rules, IReadOnlyList<MeantRule> counting)
    {
        var ordinals = counting.Select(r => r.Ordinal).ToHashSet();
        return Bits(rules, r => ordinals.Contains(r.Ordinal));
    }

    private static ulong[] Bits(MeantRule[] rules, Func<MeantRule, bool> counts)
    {
        var bits = new ulong[(rules.Length + 63) / 64];
        for (var i = 0; i < rules.Length; i++)
        {
            if (counts(rules[i]))
            {
                bits[i / 64] |= 1UL << (i % 64);
            }
        }

        return bits;
    }

    private PairRules RulesOf(Side source, Side destination)
    {
        var closed = destination.Key.Receiver == Receiver.ManyClosed || (destination.Key.Receiver == Receiver.ManyOfSender && !source.Key.SendsToMany);
        var key = new PairKey(
            source.Key.Tenant, destination.Key.Tenant, closed, Receiver.One, And(source.Key.Out, destination.Key.Out), And(source.Key.In, destination.Key.In));
        if (!known.TryGetValue(key, out var rules))
        {
            rules = new()
            {
                OutDefault = DefaultOf(source.Key.Tenant),
                InDefault = DefaultOf(destination.Key.Tenant),
                Out = Pick(outRules, key.Out),
                In = Pick(inRules, key.In),
                IsClosedToMany = closed,
            };
            known.Add(key, rules);
        }

        return rules;
    }

    private Verdict? DefaultOf(Name? tenant) =>
        tenant is not { } named ? null : state.DefaultActionOf(named) == DefaultAction.Allow ? Verdict.Allow : Verdict.Drop;

    private static ulong[] And(ulong[] left, ulong[] right)
    {
        var result = new ulong[left.Length];
        for (var i = 0; i < left.Length; i++)
        {
            result[i] = left[i] & right[i];
        }

        return result;
    }

    private static List<MeantRule> Pick(MeantRule[] rules, ulong[] bits)
    {
        var picked = new List<MeantRule>();
        for (var word = 0; word < bits.Length; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1)
            {
                picked.Add(rules[(word * 64) + System.Numerics.BitOperations.TrailingZeroCount(rest)]);
            }
        }

        return picked;
    }

    private sealed record Side(PairKey Key, AddressSet Addresses);

    /// <summary>What tells sides, or pairs, apart: tenants, multicast, and the rules that count.</summary>
    private sealed class PairKey(Name? tenant, Name? otherTenant, bool sendsToMany, Receiver receiver, ulong[] outBits, ulong[] inBits) : IEquatable<PairKey>
    {
        public Name? Tenant => tenant;

        public bool SendsToMany => sendsToMany;

        public Receiver Receiver => receiver;

        public ulong[] Out => outBits;

        public ulong[] In => inBits;

        private Name? OtherTenant => otherTenant;

        public bool Equals(PairKey? other) =>
            other is not null && tenant == other.Tenant && otherTenant == other.OtherTenant && sendsToMany == other.SendsToMany && receiver == other.Receiver
            && outBits.AsSpan().SequenceEqual(other.Out) && inBits.AsSpan().SequenceEqual(other.In);

        public override bool Equals(object? obj) => Equals(obj as PairKey);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(tenant);
            hash.Add(otherTenant);
            hash.Add(sendsToMany);
            hash.Add(receiver);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>(outBits));
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>(inBits));
            return hash.ToHashCode();
        }
    }
}
