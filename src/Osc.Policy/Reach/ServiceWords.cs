using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Reach;

/// <summary>A set of services for people: what is in it, or, where nearly all is, what is not.</summary>
/// <param name="AllBut">Whether <paramref name="Listed"/> is what is not in the set.</param>
internal sealed record ServiceWords(bool AllBut, ServiceSet Listed)
{
    private static readonly ServiceSet Icmp = ServiceSet.OfProtocol(IpProtocol.Icmp);
    private static readonly ServiceSet IcmpV6 = ServiceSet.OfProtocol(IpProtocol.IcmpV6);
    private static readonly ServiceSet Decided4 = ServiceSet.RealIn(IpFamily.IPv4).Subtract(ServiceSet.NeighbourDiscovery);
    private static readonly ServiceSet Decided6 = ServiceSet.RealIn(IpFamily.IPv6).Subtract(ServiceSet.NeighbourDiscovery);

    /// <summary>What policy decides about in a family: neighbour discovery is settled before.</summary>
    public static ServiceSet DecidedIn(IpFamily family) => family == IpFamily.IPv4 ? Decided4 : Decided6;

    public static ServiceWords Of(ServiceSet services, IpFamily family)
    {
        const byte Unassigned = 255;
        var decided = services.Intersect(DecidedIn(family));
        var allBut = decided.Contains(Unassigned, 0);
        var listed = allBut ? DecidedIn(family).Subtract(decided) : decided;

        // The other family's ICMP is a protocol like any other here, and worth a word only where it is all there is.
        var telling = listed.Subtract(family == IpFamily.IPv4 ? IcmpV6 : Icmp);
        return new(allBut, telling.IsEmpty && !allBut ? listed : telling);
    }

    /// <summary>The words without ICMP, of which each family has its own: equal for what is alike in both families.</summary>
    public ServiceWords WithoutIcmp => new(AllBut, Listed.Subtract(Icmp).Subtract(IcmpV6));

    /// <summary>The words for both families, of words that are alike.</summary>
    public ServiceWords And(ServiceWords other) => new(AllBut, Listed.Union(other.Listed));

    /// <summary>"any", "tcp/80, tcp/443", "any but tcp/22"; nothing for no service.</summary>
    public override string ToString() => (AllBut ? Listed.IsEmpty ? "any" : "any but " : "") + string.Join(", ", Listed.Ports());
}
