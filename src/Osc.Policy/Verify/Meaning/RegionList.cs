using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>Regions, brought together where that is cheap, and in the end made disjoint.</summary>
internal sealed class RegionList
{
    /// <summary>With more regions in a vrf than this, one around all of them is less work, and as right: nothing differs outside.</summary>
    private const int MaxRegions = 64;

    private readonly Dictionary<(QualifiedName Vrf, AddressSet Sources), AddressSet> bySources = [];

    public void Add(Region region)
    {
        if (!region.IsEmpty)
        {
            var key = (region.Vrf, region.Sources);
            bySources[key] = bySources.TryGetValue(key, out var known) ? known.Union(region.Destinations) : region.Destinations;
        }
    }

    public IReadOnlyList<Region> Disjoint() => [.. bySources.GroupBy(r => r.Key.Vrf, r => new Region(r.Key.Vrf, r.Key.Sources, r.Value)).SelectMany(g => Disjoint([.. g]))];

    private static List<Region> Disjoint(List<Region> regions)
    {
        var byDestinations = regions.GroupBy(r => r.Destinations).Select(g => new Region(g.First().Vrf, AddressSet.UnionOf(g.Select(r => r.Sources)), g.Key)).ToList();
        if (byDestinations.Count > MaxRegions)
        {
            return [new(regions[0].Vrf, AddressSet.UnionOf(regions.Select(r => r.Sources)), AddressSet.UnionOf(regions.Select(r => r.Destinations)))];
        }

        var result = new List<Region>();
        foreach (var region in byDestinations)
        {
            List<Region> rest = [region];
            foreach (var taken in result)
            {
                rest = [.. rest.SelectMany(r => Less(r, taken))];
            }

            result.AddRange(rest);
        }

        return result;
    }

    private static IEnumerable<Region> Less(Region region, Region taken) => new[]
    {
        region with { Sources = region.Sources.Subtract(taken.Sources) },
        new Region(region.Vrf, region.Sources.Intersect(taken.Sources), region.Destinations.Subtract(taken.Destinations)),
    }.Where(r => !r.IsEmpty);
}
