using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Reach;

/// <summary>All connections from some addresses to others, to some services, in names.</summary>
internal sealed record NamedConnections<T>(T About, NamedAddresses Sources, NamedAddresses Destinations, ServiceWords Services);

/// <summary>
/// Puts sets of connections into as few and as short words as are easily found: what goes from the same sources is brought
/// together, then what goes to the same destinations, then the families where they are alike.
/// </summary>
internal sealed class ConnectionWords(AddressNames names, QualifiedName vrf)
{
    /// <param name="connections">Each of one family. No two of what is about the same need be disjoint.</param>
    public IEnumerable<NamedConnections<T>> Of<T>(IEnumerable<(T About, AddressSet Sources, AddressSet Destinations, ServiceSet Services)> connections)
        where T : notnull
    {
        var rectangles = connections
            .Select(c => (c, Family: c.Sources.Overlaps(AddressSet.IPv4) ? IpFamily.IPv4 : IpFamily.IPv6))
            .GroupBy(c => (c.c.About, c.Family, Services: ServiceWords.Of(c.c.Services, c.Family)))
            .SelectMany(g => Merge(g.Select(c => (c.c.Sources, c.c.Destinations)))
                .Select(r => new Rectangle<T>(g.Key.About, g.Key.Family, g.Key.Services, r.Sources, r.Destinations)));
        return rectangles
            .GroupBy(r => (r.About, r.Services.WithoutIcmp, Sources: InAnyFamily(r.Sources), Destinations: InAnyFamily(r.Destinations)))
            .SelectMany(g => g.ToArray() is [var one, var other] && one.Family != other.Family ? [one.And(other)] : g.AsEnumerable())
            .Select(r => new NamedConnections<T>(r.About, names.Of(vrf, r.Sources), names.Of(vrf, r.Destinations), r.Services));
    }

    private static IEnumerable<(AddressSet Sources, AddressSet Destinations)> Merge(IEnumerable<(AddressSet Sources, AddressSet Destinations)> rectangles) => rectangles
        .GroupBy(r => r.Sources, (sources, all) => (Sources: sources, Destinations: AddressSet.UnionOf(all.Select(r => r.Destinations))))
        .GroupBy(r => r.Destinations, (destinations, all) => (AddressSet.UnionOf(all.Select(r => r.Sources)), destinations));

    private string InAnyFamily(AddressSet set) => string.Join('\n', names.Names(vrf, set).Select(AddressNames.WithoutFamily));

    private sealed record Rectangle<T>(T About, IpFamily Family, ServiceWords Services, AddressSet Sources, AddressSet Destinations)
    {
        /// <summary>A source and a destination of two families make no connection, so families may be brought together.</summary>
        public Rectangle<T> And(Rectangle<T> other) =>
            new(About, Family, Services.And(other.Services), Sources.Union(other.Sources), Destinations.Union(other.Destinations));
    }
}
