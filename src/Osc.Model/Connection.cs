namespace Osc.Model;

/// <summary>
/// A connection, as its first packet goes: what <c>Decide</c> answers for.
/// </summary>
/// <param name="Vrf">The address space that both addresses are in.</param>
/// <param name="Protocol">The IP protocol number.</param>
/// <param name="DestinationPort">For TCP, UDP and SCTP; else 0.</param>
/// <param name="IcmpType">For ICMP and ICMPv6; else 0.</param>
/// <param name="IcmpCode">For ICMP and ICMPv6; else 0.</param>
/// <param name="SourcePort">0 where it is not known: rules never ask for it, only DHCP is told by it.</param>
public readonly record struct Connection(
    QualifiedName Vrf,
    IpAddress Source,
    IpAddress Destination,
    byte Protocol,
    ushort DestinationPort = 0,
    byte IcmpType = 0,
    byte IcmpCode = 0,
    ushort SourcePort = 0)
{
    public override string ToString()
    {
        var service = IpProtocol.HasPorts(Protocol) ? $"/{DestinationPort}" : IpProtocol.HasIcmpType(Protocol) ? $"/{IcmpType}/{IcmpCode}" : "";
        return $"{Vrf}: {Source} -> {Destination} {IpProtocol.NameOf(Protocol)}{service}";
    }
}
