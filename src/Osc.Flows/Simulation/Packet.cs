using Osc.Model;

namespace Osc.Flows.Simulation;

/// <summary>One end of a packet: an Ethernet and an IP address.</summary>
public readonly record struct Endpoint(MacAddress Mac, IpAddress Address);

/// <summary>EtherTypes that the simulator looks into.</summary>
public static class EtherType
{
    public const ushort IPv4 = 0x0800;
    public const ushort Arp = 0x0806;
    public const ushort IPv6 = 0x86dd;
}

/// <summary>
/// A packet as a switch parses it. A property that the packet's EtherType or protocol has no place for is ignored.
/// </summary>
public sealed record Packet
{
    /// <summary>The source port of packets that name none.</summary>
    public const ushort EphemeralPort = 40_000;

    private const byte EchoReply = 0;
    private const byte EchoRequest = 8;
    private const byte EchoRequestV6 = 128;
    private const byte EchoReplyV6 = 129;
    private const byte Solicitation = 135;
    private const byte Advertisement = 136;
    private const byte DefaultTtl = 64;
    private const byte NeighbourDiscoveryTtl = 255;

    private static readonly MacAddress BroadcastMac = MacAddress.FromBits(0xffff_ffff_ffff);

    public MacAddress EthSrc { get; init; }

    public MacAddress EthDst { get; init; }

    /// <summary>The EtherType after the VLAN tag, if there is one.</summary>
    public required ushort EthType { get; init; }

    /// <summary>The id of the packet's 802.1Q tag; null is untagged.</summary>
    public ushort? Vlan { get; init; }

    /// <summary>The id of the tag under that one; null is none. Flows look at the outer tag alone.</summary>
    public ushort? InnerVlan { get; init; }

    /// <summary>The key of the tunnel that the packet came through; 0 for none.</summary>
    public ulong TunnelId { get; init; }

    public IpAddress Source { get; init; }

    public IpAddress Destination { get; init; }

    public byte Protocol { get; init; }

    public byte Ttl { get; init; } = DefaultTtl;

    public ushort SourcePort { get; init; }

    public ushort DestinationPort { get; init; }

    public byte IcmpType { get; init; }

    public byte IcmpCode { get; init; }

    /// <summary>The identifier of an ICMP query, which tells its connections apart.</summary>
    public ushort IcmpId { get; init; }

    /// <summary>The packet that an ICMP error reports: the error belongs to its connection.</summary>
    public Packet? Reported { get; init; }

    /// <summary>1 is a request, 2 a reply.</summary>
    public ushort ArpOperation { get; init; }

    public IpAddress ArpSpa { get; init; }

    public IpAddress ArpTpa { get; init; }

    public MacAddress ArpSha { get; init; }

    public MacAddress ArpTha { get; init; }

    /// <summary>The address that neighbour discovery is about.</summary>
    public IpAddress NdTarget { get; init; }

    /// <summary>The source link-layer address option of a solicitation; all zero where it is absent.</summary>
    public MacAddress NdSll { get; init; }

    /// <summary>The target link-layer address option of an advertisement; all zero where it is absent.</summary>
    public MacAddress NdTll { get; init; }

    /// <summary>Whether connection tracking finds fault with the packet (a wrong checksum, a segment outside the window): its state is +inv.</summary>
    public bool IsInvalid { get; init; }

    public bool IsIPv4 => EthType == EtherType.IPv4;

    public bool IsIPv6 => EthType == EtherType.IPv6;

    public bool IsIp => IsIPv4 || IsIPv6;

    /// <summary>Whether the packet is ICMP in IPv4 or ICMPv6 in IPv6; one in the other is just some protocol.</summary>
    public bool IsIcmp => (IsIPv4 && Protocol == IpProtocol.Icmp) || (IsIPv6 && Protocol == IpProtocol.IcmpV6);

    /// <summary>Whether the packet is a neighbour solicitation or advertisement (RFC 4861, 4.3 and 4.4).</summary>
    public bool IsNeighbourDiscovery => IsIPv6 && IsIcmp && IcmpType is Solicitation or Advertisement && IcmpCode == 0;

    internal bool IsSolicitation => IsNeighbourDiscovery && IcmpType == Solicitation;

    public static Packet Tcp(Endpoint from, Endpoint to, ushort destinationPort, ushort sourcePort = EphemeralPort) =>
        OtherProtocol(from, to, IpProtocol.Tcp) with { SourcePort = sourcePort, DestinationPort = destinationPort };

    public static Packet Udp(Endpoint from, Endpoint to, ushort destinationPort, ushort sourcePort = EphemeralPort) =>
        OtherProtocol(from, to, IpProtocol.Udp) with { SourcePort = sourcePort, DestinationPort = destinationPort };

    public static Packet Sctp(Endpoint from, Endpoint to, ushort destinationPort, ushort sourcePort = EphemeralPort) =>
        OtherProtocol(from, to, IpProtocol.Sctp) with { SourcePort = sourcePort, DestinationPort = destinationPort };

    public static Packet Icmp(Endpoint from, Endpoint to, byte type, byte code = 0, ushort id = 1) =>
        OtherProtocol(from, to, IpProtocol.Icmp) with { IcmpType = type, IcmpCode = code, IcmpId = id };

    public static Packet Icmpv6(Endpoint from, Endpoint to, byte type, byte code = 0, ushort id = 1) =>
        OtherProtocol(from, to, IpProtocol.IcmpV6) with { IcmpType = type, IcmpCode = code, IcmpId = id };

    /// <summary>An IP packet of which nothing but its protocol is known.</summary>
    /// <exception cref="ArgumentException">The two addresses are of different families.</exception>
    public static Packet OtherProtocol(Endpoint from, Endpoint to, byte protocol) =>
        from.Address.Family != to.Address.Family
            ? throw new ArgumentException($"{from.Address} and {to.Address} are of different families")
            : new()
            {
                EthSrc = from.Mac,
                EthDst = to.Mac,
                EthType = from.Address.IsIPv4 ? EtherType.IPv4 : EtherType.IPv6,
                Source = from.Address,
                Destination = to.Address,
                Protocol = protocol,
            };

    /// <summary>The first packet of a connection between the interfaces with these MAC addresses.</summary>
    public static Packet FirstOf(Connection connection, MacAddress source, MacAddress destination) =>
        OtherProtocol(new(source, connection.Source), new(destination, connection.Destination), connection.Protocol) with
        {
            SourcePort = IpProtocol.HasPorts(connection.Protocol) && connection.SourcePort == 0 ? EphemeralPort : connection.SourcePort,
            DestinationPort = connection.DestinationPort,
            IcmpType = connection.IcmpType,
            IcmpCode = connection.IcmpCode,
            IcmpId = (ushort)(IpProtocol.HasIcmpType(connection.Protocol) ? 1 : 0),
        };

    /// <summary>An ARP request, broadcast: who has the address?</summary>
    public static Packet ArpRequest(Endpoint from, IpAddress target) => new()
    {
        EthSrc = from.Mac,
        EthDst = BroadcastMac,
        EthType = EtherType.Arp,
        ArpOperation = 1,
        ArpSha = from.Mac,
        ArpSpa = from.Address,
        ArpTpa = target,
    };

    public static Packet ArpReply(Endpoint from, Endpoint to) => new()
    {
        EthSrc = from.Mac,
        EthDst = to.Mac,
        EthType = EtherType.Arp,
        ArpOperation = 2,
        ArpSha = from.Mac,
        ArpSpa = from.Address,
        ArpTha = to.Mac,
        ArpTpa = to.Address,
    };

    /// <summary>A solicitation to the target's solicited-node multicast address (RFC 4291, 2.7.1; RFC 2464, 7).</summary>
    public static Packet NeighbourSolicitation(Endpoint from, IpAddress target)
    {
        var node = (ulong)target.Bits & 0xff_ffff;
        var group = IpAddress.FromBits(((UInt128)0xff02 << 112) | 0x1_ff00_0000 | node);
        var groupMac = MacAddress.FromBits(0x3333_ff00_0000 | node);
        return Icmpv6(from, new(groupMac, group), Solicitation) with { NdTarget = target, NdSll = from.Mac, Ttl = NeighbourDiscoveryTtl };
    }

    /// <summary>An advertisement of the sender's own address.</summary>
    public static Packet NeighbourAdvertisement(Endpoint from, Endpoint to) =>
        Icmpv6(from, to, Advertisement) with { NdTarget = from.Address, NdTll = from.Mac, Ttl = NeighbourDiscoveryTtl };

    /// <summary>An ICMP error that a router or the destination sends back to the sender of <paramref name="reported"/>.</summary>
    public static Packet IcmpError(Packet reported, Endpoint from, byte type, byte code) =>
        OtherProtocol(from, new(reported.EthSrc, reported.Source), reported.IsIPv4 ? IpProtocol.Icmp : IpProtocol.IcmpV6) with
        {
            IcmpType = type,
            IcmpCode = code,
            Reported = reported,
            Vlan = reported.Vlan,
            TunnelId = reported.TunnelId,
        };

    /// <summary>The reply to a packet: the same with its two ends swapped, an echo request answered, an ARP or neighbour question answered.</summary>
    /// <exception cref="ArgumentException">The packet is an ICMP packet that nothing replies to, or an ARP or neighbour discovery answer.</exception>
    public static Packet ReplyTo(Packet packet)
    {
        if (packet.EthType == EtherType.Arp)
        {
            throw new ArgumentException("an ARP request does not know who answers: use ArpReply");
        }

        var reply = packet with
        {
            EthSrc = packet.EthDst,
            EthDst = packet.EthSrc,
            Source = packet.Destination,
            Destination = packet.Source,
            SourcePort = packet.DestinationPort,
            DestinationPort = packet.SourcePort,
        };
        return !packet.IsIcmp ? reply : reply with
        {
            IcmpType = ReplyType(packet.IsIPv4, packet.IcmpType) ?? throw new ArgumentException($"nothing replies to ICMP type {packet.IcmpType}"),
        };
    }

    /// <summary>Whether <see cref="ReplyTo"/> has an answer.</summary>
    public static bool HasReply(Packet packet) => packet.IsIp && (!packet.IsIcmp || ReplyType(packet.IsIPv4, packet.IcmpType) is not null);

    /// <summary>The type of the ICMP query that this type answers, or of its answer; null where there is none (RFC 792, RFC 4443).</summary>
    internal static byte? ReplyType(bool isIPv4, byte type) => (isIPv4, type) switch
    {
        (true, EchoRequest) => EchoReply,
        (true, EchoReply) => EchoRequest,
        (true, 13) => 14,
        (true, 14) => 13,
        (true, 15) => 16,
        (true, 16) => 15,
        (false, EchoRequestV6) => EchoReplyV6,
        (false, EchoReplyV6) => EchoRequestV6,
        _ => null,
    };
}
