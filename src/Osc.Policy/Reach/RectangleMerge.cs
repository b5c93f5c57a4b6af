using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Reach;

/// <summary>All connections from some addresses to others.</summary>
internal readonly record struct Rectangle(AddressSet Sources, AddressSet Destinations);

/// <summary>Fewer rectangles for the same connections: those with one source set become one, then those with one destination set.</summary>
internal static class RectangleMerge
{
    /// <summary>A source and a destination of two families make no connection, so families may be merged.</summary>
    public static IReadOnlyList<Rectangle> Merge(IEnumerable<Rectangle> rectangles)
    {
        var bySources = rectangles.GroupBy(r => r.Sources, (sources, all) => new Rectangle(sources, AddressSet.UnionOf(all.Select(r => r.Destinations))));
        var byDestinations = bySources.GroupBy(r => r.Destinations, (destinations, all) => new Rectangle(AddressSet.UnionOf(all.Select(r => r.Sources)), destinations));
        return MergeFamilies([.. byDestinations]);
    }

    /// <summary>What only IPv4 and only IPv6 addresses are in goes together, one of each, in the order in which they stand.</summary>
    private static List<Rectangle> MergeFamilies(List<Rectangle> rectangles)
    {
        var v4 = rectangles.Where(r => !r.Sources.Overlaps(AddressSet.IPv6) && !r.Destinations.Overlaps(AddressSet.IPv6)).ToList();
        var v6 = rectangles.Where(r => !r.Sources.Overlaps(AddressSet.IPv4) && !r.Destinations.Overlaps(AddressSet.IPv4)).ToList();
        return v4.Count == 1 && v6.Count == 1 && rectangles.Count == 2
            ? [new(v4[0].Sources.Union(v6[0].Sources), v4[0].Destinations.Union(v6[0].Destinations))]
            : rectangles;
    }
}
