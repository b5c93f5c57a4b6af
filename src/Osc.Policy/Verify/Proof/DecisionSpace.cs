using Osc.Flows;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>The addresses of a vrf and family in the classes that flows and documents tell apart.</summary>
/// <param name="Ranges">The addresses of each match of a connection's address.</param>
/// <param name="Lookups">What addresses are looked up as.</param>
internal sealed record DecisionSpace(DecisionSpec Spec, IpFamily Family, AddressPartition Partition, IReadOnlyDictionary<FieldMatch, AddressSet> Ranges, IReadOnlyList<LookupRange> Lookups)
{
    /// <summary>With more classes than this in excess of twice what there were at first, classes are made anew.</summary>
    private const int MaxGrowth = 64;

    private int FirstCount { get; init; } = Partition.Classes.Count;

    /// <param name="tiers">The flows of the deciding tables.</param>
    public static DecisionSpace Of(DecisionSpec spec, IpFamily family, IEnumerable<Flow> tiers, IReadOnlyList<LookupRange> lookups)
    {
        var ranges = RangesOf(tiers, family, new Dictionary<FieldMatch, AddressSet>());
        return new(spec, family, AddressPartition.Of(family, lookups, [.. spec.FarSets.Values, .. ranges.Values], spec.Locals), ranges, lookups);
    }

    /// <summary>The space after a change; null: it is to be made anew.</summary>
    /// <param name="spec">What documents say then, of the same local addresses.</param>
    /// <param name="added">Flows that came.</param>
    /// <param name="lookups">All lookups then.</param>
    /// <param name="relooked">The addresses of lookups that came or went.</param>
    public DecisionSpace? After(DecisionSpec spec, IEnumerable<Flow> added, IReadOnlyList<LookupRange> lookups, AddressSet relooked)
    {
        if (Partition.Ambiguous is not null || Partition.Classes.Count > (2 * FirstCount) + MaxGrowth || lookups.Any(l => l.Irregular is not null))
        {
            return null;
        }

        spec.Adopt(Spec);
        var ranges = RangesOf(added, Family, Ranges);
        var moved = new List<AddressSet> { relooked };
        var cutting = ranges.Where(r => !Ranges.ContainsKey(r.Key)).Select(r => r.Value).ToList();
        foreach (var (peers, set) in spec.FarSets)
        {
            if (!Spec.FarSets.TryGetValue(peers, out var was))
            {
                cutting.Add(set);
            }
            else if (!ReferenceEquals(was, set))
            {
                moved.Add(was.Difference(set));
            }
        }

        if (moved is [{ IsEmpty: true }] && cutting.Count == 0 && spec.Locals.All(l => Spec.Locals[l.Key] == l.Value))
        {
            return this with { Spec = spec, Ranges = ranges, Lookups = lookups };
        }

        var partition = Partition.After(AddressSet.UnionOf(moved), lookups, [.. spec.FarSets.Values, .. ranges.Values], cutting, spec.Locals);
        return new(spec, Family, partition, ranges, lookups) { FirstCount = FirstCount };
    }

    private static IReadOnlyDictionary<FieldMatch, AddressSet> RangesOf(IEnumerable<Flow> flows, IpFamily family, IReadOnlyDictionary<FieldMatch, AddressSet> known)
    {
        Dictionary<FieldMatch, AddressSet>? more = null;
        foreach (var flow in flows)
        {
            foreach (var match in flow.Match.Fields)
            {
                if (TierTerms.IsAddress(match.Field) && !known.ContainsKey(match) && TierTerms.RangeOf(match, family) is { } range)
                {
                    more ??= new(known);
                    more[match] = range;
                }
            }
        }

        return more ?? known;
    }
}
