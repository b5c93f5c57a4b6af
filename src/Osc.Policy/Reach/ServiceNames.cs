using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Reach;

/// <summary>Sets of services for people, the same words for IPv4 and IPv6.</summary>
internal static class ServiceNames
{
    private static readonly ServiceSet Decided4 = ServiceSet.RealIn(IpFamily.IPv4).Subtract(ServiceSet.NeighbourDiscovery);
    private static readonly ServiceSet Decided6 = ServiceSet.RealIn(IpFamily.IPv6).Subtract(ServiceSet.NeighbourDiscovery);

    /// <summary>What policy decides about in a family: neighbour discovery is settled before.</summary>
    public static ServiceSet DecidedIn(IpFamily family) => family == IpFamily.IPv4 ? Decided4 : Decided6;

    /// <summary>"any", "tcp/80, tcp/443", or "any but tcp/22" where nearly all is in the set.</summary>
    public static string Of(ServiceSet services, IpFamily family)
    {
        const byte Unassigned = 255;
        var decided = services.Intersect(DecidedIn(family));
        if (!decided.Contains(Unassigned, 0))
        {
            return string.Join(", ", decided.Ports());
        }

        var rest = DecidedIn(family).Subtract(decided);
        return rest.IsEmpty ? "any" : "any but " + string.Join(", ", rest.Ports());
    }
}
