using Osc.Model;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Reach;

/// <summary>A set of addresses of one vrf for people and, as ranges, for machines.</summary>
/// <param name="Names">"any", groups, workloads and ranges that together are the set; or "any but" before what is not in it.</param>
/// <param name="MoreNames">How many more there are than are listed.</param>
/// <param name="Ranges">The set exactly: addresses and "first-last".</param>
/// <param name="MoreRanges">How many more there are than are listed.</param>
public sealed record NamedAddresses(IReadOnlyList<string> Names, int MoreNames, IReadOnlyList<string> Ranges, int MoreRanges)
{
    public override string ToString() => string.Join(", ", Names) + (MoreNames > 0 ? $" and {MoreNames} more" : "");
}

/// <summary>Gives sets of addresses the names that documents have for them.</summary>
/// <param name="meaning">Of the state whose names count.</param>
/// <param name="groups">Groups that a set may be named by, those that are wanted most first.</param>
internal sealed class AddressNames(PolicyMeaning meaning, IReadOnlyList<QualifiedName> groups)
{
    /// <summary>Names and ranges of a set that are listed; the rest is counted.</summary>
    public const int MostNames = 20;

    public const int MostRanges = 1_000;

    /// <summary>A range of more addresses than this is named as a range, without asking who has each.</summary>
    private const int MostAsked = 256;

    private const string Any = "any";
    private const string OfIPv4 = " (IPv4)";
    private const string OfIPv6 = " (IPv6)";
    private const string AnyIPv4 = "any IPv4";
    private const string AnyIPv6 = "any IPv6";

    private readonly Dictionary<QualifiedName, List<(string Name, AddressSet Members)>> membersOf = [];

    /// <summary>A name for the same of either family.</summary>
    public static string WithoutFamily(string name) => name.Replace(OfIPv4, "", StringComparison.Ordinal).Replace(OfIPv6, "", StringComparison.Ordinal)
        .Replace(AnyIPv4, Any, StringComparison.Ordinal).Replace(AnyIPv6, Any, StringComparison.Ordinal);

    public NamedAddresses Of(QualifiedName vrf, AddressSet set)
    {
        var names = Names(vrf, set);
        var ranges = set.Ranges;
        return new(
            [.. names.Take(MostNames)],
            Math.Max(0, names.Count - MostNames),
            [.. ranges[..Math.Min(MostRanges, ranges.Length)].ToArray().Select(TextOf)],
            Math.Max(0, ranges.Length - MostRanges));
    }

    /// <summary>All names that together are the set, the largest first.</summary>
    public List<string> Names(QualifiedName vrf, AddressSet set)
    {
        var direct = InSet(vrf, set);
        var family = set.Overlaps(AddressSet.IPv4) ? set.Overlaps(AddressSet.IPv6) ? AddressSet.All : AddressSet.IPv4 : AddressSet.IPv6;
        return direct.Count > 1 && InSet(vrf, family.Subtract(set)) is var rest && rest.Count < direct.Count
            ? [$"{AnyOf(family)} but {rest[0]}", .. rest.Skip(1)]
            : direct;
    }

    private List<string> InSet(QualifiedName vrf, AddressSet set)
    {
        if (set.Equals(AddressSet.All) || set.Equals(AddressSet.IPv4) || set.Equals(AddressSet.IPv6))
        {
            return [AnyOf(set)];
        }

        var names = new List<string>();
        var rest = set;
        foreach (var (name, members) in MembersIn(vrf))
        {
            if (members.Overlaps(rest) && members.Subtract(set).IsEmpty)
            {
                names.Add(name);
                rest = rest.Subtract(members);
            }
        }

        names.AddRange(Owners(vrf, rest).Distinct());
        return names;
    }

    /// <summary>The members of the groups, whole and of each family, the largest first.</summary>
    private List<(string Name, AddressSet Members)> MembersIn(QualifiedName vrf)
    {
        if (!membersOf.TryGetValue(vrf, out var known))
        {
            known = [];
            foreach (var group in groups.Distinct())
            {
                var all = meaning.AddressesOf(group, vrf);
                var (v4, v6) = (all.Intersect(AddressSet.IPv4), all.Intersect(AddressSet.IPv6));
                known.Add((group.ToString(), all));
                if (!v4.IsEmpty && !v6.IsEmpty)
                {
                    known.Add((group + OfIPv4, v4));
                    known.Add((group + OfIPv6, v6));
                }
            }

            known = [.. known.Where(g => !g.Members.IsEmpty).OrderByDescending(g => SizeOf(g.Members))];
            membersOf.Add(vrf, known);
        }

        return known;
    }

    /// <summary>Workloads of addresses that one has, ranges otherwise.</summary>
    private IEnumerable<string> Owners(QualifiedName vrf, AddressSet set)
    {
        foreach (var range in set.Ranges.ToArray())
        {
            if (range.Last - range.First >= MostAsked)
            {
                yield return TextOf(range);
                continue;
            }

            for (var bits = range.First; ; bits++)
            {
                var address = IpAddress.FromBits(bits);
                yield return meaning.State.OwnerOf(vrf, address)?.Workload.QualifiedName.ToString() ?? address.ToString();
                if (bits == range.Last)
                {
                    break;
                }
            }
        }
    }

    private static double SizeOf(AddressSet set)
    {
        var size = 0.0;
        foreach (var range in set.Ranges)
        {
            size += (double)(range.Last - range.First) + 1;
        }

        return size;
    }

    private static string AnyOf(AddressSet family) => family.Equals(AddressSet.All) ? Any : family.Equals(AddressSet.IPv4) ? AnyIPv4 : AnyIPv6;

    private static string TextOf(Interval<UInt128> range) =>
        range.First == range.Last ? IpAddress.FromBits(range.First).ToString()
        : AddressSet.OfRanges([range]).Prefixes().Take(2).ToArray() is [var only] ? only.ToString()
        : $"{IpAddress.FromBits(range.First)}-{IpAddress.FromBits(range.Last)}";
}
