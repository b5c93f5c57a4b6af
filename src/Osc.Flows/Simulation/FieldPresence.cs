using Osc.Model;

namespace Osc.Flows.Simulation;

/// <summary>Which fields a packet has: those whose prerequisites hold (ovs-fields(7), "Prereqs").</summary>
internal static class FieldPresence
{
    private static readonly UInt128 Always = Bits(
        [Field.EthDst, Field.EthSrc, Field.EthType, Field.VlanVid, Field.TunnelId, Field.ConjunctionId, Field.CtState, Field.CtZone, Field.CtMark, Field.CtLabel,
        .. Field.Registers]);

    private static readonly UInt128 Arp = Bits([Field.ArpOp, Field.ArpSpa, Field.ArpTpa, Field.ArpSha, Field.ArpTha]);
    private static readonly UInt128 IPv4 = Bits([Field.Ipv4Src, Field.Ipv4Dst, Field.IpProto, Field.IpTtl]);
    private static readonly UInt128 IPv6 = Bits([Field.Ipv6Src, Field.Ipv6Dst, Field.IpProto, Field.IpTtl]);
    private static readonly UInt128 Icmp = Bits([Field.IcmpType, Field.IcmpCode]);
    private static readonly UInt128 Icmpv6 = Bits([Field.Icmpv6Type, Field.Icmpv6Code]);
    private static readonly UInt128 Solicitation = Bits([Field.NdTarget, Field.NdSll]);
    private static readonly UInt128 Advertisement = Bits([Field.NdTarget, Field.NdTll]);
    private static readonly UInt128 Tcp = Bits([Field.TcpSrc, Field.TcpDst]);
    private static readonly UInt128 Udp = Bits([Field.UdpSrc, Field.UdpDst]);
    private static readonly UInt128 Sctp = Bits([Field.SctpSrc, Field.SctpDst]);
    private static readonly UInt128 TrackedIPv4 = Bits([Field.CtNwSrc, Field.CtNwDst]);
    private static readonly UInt128 TrackedIPv6 = Bits([Field.CtIpv6Src, Field.CtIpv6Dst]);
    private static readonly UInt128 Tracked = Bits([Field.CtNwProto, Field.CtTpSrc, Field.CtTpDst]);

    public static UInt128 Bit(Field field) => UInt128.One << field.Index;

    public static UInt128 Of(Packet packet)
    {
        if (packet.EthType == EtherType.Arp)
        {
            return Always | Arp;
        }

        if (!packet.IsIp)
        {
            return Always;
        }

        var transport = packet.Protocol switch
        {
            IpProtocol.Tcp => Tcp,
            IpProtocol.Udp => Udp,
            IpProtocol.Sctp => Sctp,
            _ when packet.IsNeighbourDiscovery => Icmpv6 | (packet.IsSolicitation ? Solicitation : Advertisement),
            _ when packet.IsIcmp => packet.IsIPv4 ? Icmp : Icmpv6,
            _ => UInt128.Zero,
        };
        return Always | transport | (packet.IsIPv4 ? IPv4 : IPv6);
    }

    /// <summary>The same with or without the tuple of connection tracking, which needs +trk-inv.</summary>
    public static UInt128 WithTracking(UInt128 present, Packet packet, uint state)
    {
        present &= ~(Tracked | TrackedIPv4 | TrackedIPv6);
        return (state & (CtState.Tracked | CtState.Invalid)) == CtState.Tracked ? present | Tracked | (packet.IsIPv4 ? TrackedIPv4 : TrackedIPv6) : present;
    }

    /// <summary>
    /// Those that a move may read. For that Open vSwitch takes the tuple of connection tracking for absent where the state is +rel
    /// without +rpl: is_ct_valid() in lib/flow.h asks a packet for new, established or reply. A match may ask for it.
    /// </summary>
    public static UInt128 Movable(UInt128 present, uint state) =>
        (state & (CtState.New | CtState.Established | CtState.Reply)) == 0 ? present & ~(Tracked | TrackedIPv4 | TrackedIPv6) : present;

    private static UInt128 Bits(IEnumerable<Field> fields) => fields.Aggregate(UInt128.Zero, (bits, field) => bits | Bit(field));
}
