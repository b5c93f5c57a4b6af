using Osc.Flows;
using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>A connection that the switch knows before a probe comes.</summary>
/// <param name="First">Its first packet.</param>
/// <param name="Mark">The epoch that it was decided under.</param>
public sealed record OpenConnection(Packet First, ushort Zone, uint Mark);

/// <summary>One packet that comes in at a port, and what the switch knows by then.</summary>
/// <param name="Open">null: it knows no connection.</param>
public sealed record Probe(PortName Port, Packet Packet, OpenConnection? Open = null)
{
    /// <summary>A packet of a cube: its fields where they are given, and something likely where they are not.</summary>
    internal static Packet PacketOf(PacketCube cube, Packet likely)
    {
        var packet = likely with
        {
            EthSrc = MacAddress.FromBits((ulong)Pick(cube, Field.EthSrc, likely.EthSrc.Bits)),
            EthDst = MacAddress.FromBits((ulong)Pick(cube, Field.EthDst, likely.EthDst.Bits)),
            EthType = (ushort)Pick(cube, Field.EthType, likely.EthType),
            TunnelId = (ulong)Pick(cube, Field.TunnelId, likely.TunnelId),
        };
        var vlan = (uint)Pick(cube, Field.VlanVid, likely.Vlan is { } tag ? 0x1000u | tag : 0u);
        packet = packet with { Vlan = vlan == 0 ? null : (ushort)(vlan & 0xfff) };
        if (packet.EthType == EtherType.Arp)
        {
            return packet with
            {
                ArpOperation = (ushort)Pick(cube, Field.ArpOp, 1),
                ArpSha = MacAddress.FromBits((ulong)Pick(cube, Field.ArpSha, packet.EthSrc.Bits)),
                ArpTha = MacAddress.FromBits((ulong)Pick(cube, Field.ArpTha, 0)),
                ArpSpa = IpAddress.FromIPv4((uint)Pick(cube, Field.ArpSpa, likely.Source.IsIPv4 ? likely.Source.IPv4Bits : 0)),
                ArpTpa = IpAddress.FromIPv4((uint)Pick(cube, Field.ArpTpa, 0x0a00_0001)),
            };
        }

        return packet.IsIp ? IpPacketOf(cube, packet, likely) : packet;
    }

    private static Packet IpPacketOf(PacketCube cube, Packet packet, Packet likely)
    {
        var protocol = (byte)Pick(cube, Field.IpProto, likely.Protocol);
        packet = packet with
        {
            Protocol = protocol,
            Ttl = (byte)Pick(cube, Field.IpTtl, likely.Ttl),
            Source = AddressOf(cube, packet.IsIPv4, Field.Ipv4Src, Field.Ipv6Src, likely.Source),
            Destination = AddressOf(cube, packet.IsIPv4, Field.Ipv4Dst, Field.Ipv6Dst, likely.Destination),
        };
        var ports = protocol switch
        {
            IpProtocol.Tcp => (Field.TcpSrc, Field.TcpDst),
            IpProtocol.Udp => (Field.UdpSrc, Field.UdpDst),
            IpProtocol.Sctp => (Field.SctpSrc, Field.SctpDst),
            _ => ((Field, Field)?)null,
        };
        if (ports is var (source, destination))
        {
            return packet with
            {
                SourcePort = (ushort)Pick(cube, source, likely.SourcePort == 0 ? Packet.EphemeralPort : likely.SourcePort),
                DestinationPort = (ushort)Pick(cube, destination, likely.DestinationPort),
                IcmpId = 0,
            };
        }

        var icmp = packet with
        {
            SourcePort = 0,
            DestinationPort = 0,
            IcmpType = (byte)Pick(cube, packet.IsIPv4 ? Field.IcmpType : Field.Icmpv6Type, likely.IcmpType),
            IcmpCode = (byte)Pick(cube, packet.IsIPv4 ? Field.IcmpCode : Field.Icmpv6Code, likely.IcmpCode),
            IcmpId = 1,
        };
        return !icmp.IsIcmp ? icmp with { IcmpType = 0, IcmpCode = 0, IcmpId = 0 } : icmp with
        {
            NdTarget = IpAddress.FromBits(Pick(cube, Field.NdTarget, likely.NdTarget.Bits)),
            NdSll = MacAddress.FromBits((ulong)Pick(cube, Field.NdSll, likely.NdSll.Bits)),
            NdTll = MacAddress.FromBits((ulong)Pick(cube, Field.NdTll, likely.NdTll.Bits)),
        };
    }

    private static IpAddress AddressOf(PacketCube cube, bool isIPv4, Field four, Field six, IpAddress likely) => isIPv4
        ? IpAddress.FromIPv4((uint)Pick(cube, four, likely.IsIPv4 ? likely.IPv4Bits : 0x0a01_0001))
        : IpAddress.FromBits(Pick(cube, six, likely.IsIPv4 ? (UInt128)0x2001_0db8 << 96 : likely.Bits));

    /// <summary>The likely value where the cube has it, else the lowest that it has.</summary>
    private static UInt128 Pick(PacketCube cube, Field field, UInt128 likely) =>
        Intervals.Contains(cube[field], likely) ? likely : cube.SampleOf(field);
}

/// <summary>What becomes of a probe's packet.</summary>
/// <param name="Sent">Where it leaves, each as "port tag key", in order of text.</param>
/// <param name="Entered">What the switch knows of its connection afterwards, as "zone mark label"; empty: nothing.</param>
/// <param name="Rejected">Whether it is refused and not only dropped.</param>
/// <param name="IsAmbiguous">Whether it depends on which of two flows of one priority is found.</param>
public sealed record Fate(ValueList<string> Sent, string Entered, bool Rejected, bool IsAmbiguous = false)
{
    public override string ToString() =>
        $"{(Sent.Count == 0 ? Rejected ? "rejected" : "dropped" : $"sent to {string.Join(", ", Sent)}")}{(Entered.Length == 0 ? "" : $"; connection {Entered}")}";
}
