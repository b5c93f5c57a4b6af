using Osc.Model;

namespace Osc.Policy.Verify.Sets;

/// <summary>An exact set of addresses of one vrf, in the 128-bit space of <see cref="IpAddress.Bits"/>. Equal sets are equal values.</summary>
public sealed class AddressSet : IEquatable<AddressSet>
{
    public static readonly AddressSet Empty = new([]);

    public static readonly AddressSet All = new([new(UInt128.MinValue, UInt128.MaxValue)]);

    /// <summary>All IPv4 addresses.</summary>
    public static readonly AddressSet IPv4 = new([new(Prefix.AllIPv4.Network.Bits, Prefix.AllIPv4.Last.Bits)]);

    /// <summary>All IPv6 addresses: a hole in the middle is IPv4's.</summary>
    public static readonly AddressSet IPv6 = All.Subtract(IPv4);

    private readonly Interval<UInt128>[] ranges;

    private AddressSet(Interval<UInt128>[] ranges) => this.ranges = ranges;

    public bool IsEmpty => ranges.Length == 0;

    /// <summary>Ascending, neither overlapping nor touching.</summary>
    public ReadOnlySpan<Interval<UInt128>> Ranges => ranges;

    /// <summary>The lowest address of the set.</summary>
    /// <exception cref="InvalidOperationException">The set is empty.</exception>
    public IpAddress Sample => IsEmpty ? throw new InvalidOperationException("an empty set has no address") : IpAddress.FromBits(ranges[0].First);

    public static AddressSet Of(IpAddress address) => new([new(address.Bits, address.Bits)]);

    /// <summary>An IPv6 prefix holds no IPv4 address, however short it is.</summary>
    public static AddressSet Of(Prefix prefix)
    {
        var range = new AddressSet([new(prefix.Network.Bits, prefix.Last.Bits)]);
        return prefix.Family == IpFamily.IPv6 ? range.Subtract(IPv4) : range;
    }

    public static AddressSet OfFamily(IpFamily family) => family == IpFamily.IPv4 ? IPv4 : IPv6;

    public static AddressSet Of(IEnumerable<IpAddress> addresses) => OfRanges(addresses.Select(a => new Interval<UInt128>(a.Bits, a.Bits)));

    /// <param name="ranges">In any order, overlapping or not.</param>
    public static AddressSet OfRanges(IEnumerable<Interval<UInt128>> ranges) => new(Intervals.Normalize(ranges.ToList()));

    public static AddressSet UnionOf(IEnumerable<AddressSet> sets) => OfRanges(sets.SelectMany(s => s.ranges));

    public bool Contains(IpAddress address) => Intervals.Contains<UInt128>(ranges, address.Bits);

    public bool Overlaps(AddressSet other) => Intervals.Overlap<UInt128>(ranges, other.ranges);

    public AddressSet Union(AddressSet other) => other.IsEmpty ? this : IsEmpty ? other : new(Intervals.Union<UInt128>(ranges, other.ranges));

    public AddressSet Intersect(AddressSet other) => new(Intervals.Intersect<UInt128>(ranges, other.ranges));

    public AddressSet Subtract(AddressSet other) => other.IsEmpty ? this : new(Intervals.Subtract<UInt128>(ranges, other.ranges));

    /// <summary>What is in one of the two sets only.</summary>
    public AddressSet Difference(AddressSet other) => Equals(other) ? Empty : Subtract(other).Union(other.Subtract(this));

    /// <summary>The fewest prefixes that make up the set, in order.</summary>
    public IEnumerable<Prefix> Prefixes() => new[] { Intersect(IPv4), Intersect(IPv6) }.SelectMany(s => s.ranges).OrderBy(r => r.First).SelectMany(PrefixesOf);

    public bool Equals(AddressSet? other) => other is not null && ranges.AsSpan().SequenceEqual(other.ranges);

    public override bool Equals(object? obj) => Equals(obj as AddressSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var range in ranges)
        {
            hash.Add(range);
        }

        return hash.ToHashCode();
    }

    /// <summary>The prefixes, of which single addresses stand without their length.</summary>
    public override string ToString() => string.Join(", ", Prefixes().Select(p => p.IsSingleAddress ? p.Network.ToString() : p.ToString()));

    private static IEnumerable<Prefix> PrefixesOf(Interval<UInt128> range)
    {
        var isIPv4 = IpAddress.FromBits(range.First).IsIPv4;
        var first = range.First;
        while (true)
        {
            var size = UInt128.TrailingZeroCount(first);
            while (size > 0 && (size == 128 ? UInt128.MaxValue : first + ((UInt128.One << (int)size) - 1)) > range.Last)
            {
                size--;
            }

            yield return Prefix.Of(IpAddress.FromBits(first), (int)(isIPv4 ? 32 - UInt128.Min(size, 32) : 128 - size));
            var last = size == 128 ? UInt128.MaxValue : first + ((UInt128.One << (int)size) - 1);
            if (last >= range.Last)
            {
                yield break;
            }

            first = last + 1;
        }
    }
}
