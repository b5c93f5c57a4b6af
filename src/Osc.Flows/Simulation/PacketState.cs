using Osc.Model;

namespace Osc.Flows.Simulation;

/// <summary>
/// A packet on its way through the tables: the value of every field, registers and conntrack fields included.
/// Fields whose prerequisites do not hold are absent: they match nothing, read as 0 and cannot be written.
/// </summary>
internal sealed class PacketState
{
    private readonly UInt128[] values;
    private readonly Packet packet;
    private ushort? innerVlan;

    public PacketState(Packet packet)
    {
        this.packet = packet;
        values = new UInt128[Field.All.Count];
        Set(Field.EthSrc, packet.EthSrc.Bits);
        Set(Field.EthDst, packet.EthDst.Bits);
        Set(Field.EthType, packet.EthType);
        Set(Field.TunnelId, packet.TunnelId);
        Set(Field.VlanVid, packet.Vlan is { } vid ? VlanPresent | vid : 0u);
        innerVlan = packet.InnerVlan;
        if (packet.IsIp)
        {
            LoadIp();
        }
        else if (packet.EthType == EtherType.Arp)
        {
            LoadArp();
        }

        Present = FieldPresence.Of(packet);
    }

    private PacketState(PacketState other)
    {
        packet = other.packet;
        innerVlan = other.innerVlan;
        values = (UInt128[])other.values.Clone();
        Present = other.Present;
    }

    private const uint VlanPresent = 0x1000;

    /// <summary>A bit for each field that the packet has, by <see cref="Field.Index"/>.</summary>
    public UInt128 Present { get; private set; }

    /// <summary>The packet that came in.</summary>
    public Packet Received => packet;

    public PacketState Clone() => new(this);

    /// <summary>The value of a field that is no overlay.</summary>
    public UInt128 this[int index] => values[index];

    public UInt128 Read(Subfield subfield) => (Read(subfield.Field) >> subfield.Offset) & MaskOf(subfield.Bits);

    public void Write(Subfield subfield, UInt128 value) => Write(subfield.Field, value << subfield.Offset, MaskOf(subfield.Bits) << subfield.Offset);

    /// <summary>Copies bits; from a field that cannot be read, nothing, as Open vSwitch does.</summary>
    public void Move(Subfield source, Subfield destination)
    {
        if (source.Field.FirstRegister is not null || (FieldPresence.Movable(Present, (uint)Get(Field.CtState)) & FieldPresence.Bit(source.Field)) != 0)
        {
            Write(destination, Read(source));
        }
    }

    /// <summary>Writes the bits of the mask; a field that the packet does not have stays absent.</summary>
    public void Write(Field field, UInt128 value, UInt128 mask)
    {
        if (field.FirstRegister is { } first)
        {
            var count = field.Bits / 32;
            for (var i = 0; i < count; i++)
            {
                var shift = 32 * (count - 1 - i);
                WriteOne(Field.Registers[first + i].Index, (uint)(value >> shift), (uint)(mask >> shift));
            }
        }
        else if ((Present & FieldPresence.Bit(field)) != 0)
        {
            WriteOne(field.Index, value, mask);
        }
    }

    public void SetConjunction(uint id) => Set(Field.ConjunctionId, id);

    /// <summary>Takes over what connection tracking says.</summary>
    public void SetTracking(ushort zone, Tracking tracking, TrackedConnection? connection)
    {
        Present = FieldPresence.WithTracking(Present, packet, tracking.State);
        Set(Field.CtState, tracking.State);
        Set(Field.CtZone, zone);
        Set(Field.CtMark, connection?.Mark ?? 0);
        Set(Field.CtLabel, connection?.Label ?? 0);
        var original = tracking.Original;
        Set(Field.CtNwProto, original.Protocol);
        Set(Field.CtTpSrc, original.SourcePort);
        Set(Field.CtTpDst, original.DestinationPort);
        Set(packet.IsIPv4 ? Field.CtNwSrc : Field.CtIpv6Src, AddressBits(original.Source));
        Set(packet.IsIPv4 ? Field.CtNwDst : Field.CtIpv6Dst, AddressBits(original.Destination));
    }

    /// <summary>After ct(), the fields of connection tracking are there for the recirculated packet alone (ovs-actions(7)).</summary>
    public void ClearTracking() => SetTracking(0, default, null);

    /// <exception cref="InvalidOperationException">There are two tags already: the simulator knows no more.</exception>
    public void PushVlan()
    {
        var tag = (uint)values[Field.VlanVid.Index];
        if (tag != 0)
        {
            innerVlan = innerVlan is null ? (ushort)(tag & 0xfff) : throw new InvalidOperationException("push_vlan on a packet with two tags");
        }

        Set(Field.VlanVid, VlanPresent);
        Present |= FieldPresence.Bit(Field.VlanVid);
    }

    public void PopVlan()
    {
        Set(Field.VlanVid, innerVlan is { } inner ? VlanPresent | inner : 0u);
        innerVlan = null;
    }

    /// <summary>The packet as it would leave the switch now.</summary>
    public Packet ToPacket()
    {
        var tag = (uint)values[Field.VlanVid.Index];
        var sent = packet with
        {
            EthSrc = MacAddress.FromBits((ulong)Get(Field.EthSrc)),
            EthDst = MacAddress.FromBits((ulong)Get(Field.EthDst)),
            Vlan = (tag & VlanPresent) != 0 ? (ushort)(tag & 0xfff) : null,
            InnerVlan = innerVlan,
            TunnelId = (ulong)Get(Field.TunnelId),
        };
        return packet.IsIp ? SaveIp(sent) : packet.EthType == EtherType.Arp ? SaveArp(sent) : sent;
    }

    private static UInt128 MaskOf(int bits) => bits == 128 ? UInt128.MaxValue : (UInt128.One << bits) - 1;

    private static UInt128 AddressBits(IpAddress address) => address.IsIPv4 ? address.IPv4Bits : address.Bits;

    private UInt128 Read(Field field)
    {
        if (field.FirstRegister is not { } first)
        {
            return (Present & FieldPresence.Bit(field)) != 0 ? values[field.Index] : 0;
        }

        UInt128 value = 0;
        for (var i = 0; i < field.Bits / 32; i++)
        {
            value = (value << 32) | values[Field.Registers[first + i].Index];
        }

        return value;
    }

    private void WriteOne(int index, UInt128 value, UInt128 mask) => values[index] = (values[index] & ~mask) | value;

    private UInt128 Get(Field field) => values[field.Index];

    /// <summary>Writes a field, whether the packet has it or not.</summary>
    public void Set(Field field, UInt128 value) => values[field.Index] = value;

    private void LoadIp()
    {
        Set(Field.IpProto, packet.Protocol);
        Set(Field.IpTtl, packet.Ttl);
        Set(packet.IsIPv4 ? Field.Ipv4Src : Field.Ipv6Src, AddressBits(packet.Source));
        Set(packet.IsIPv4 ? Field.Ipv4Dst : Field.Ipv6Dst, AddressBits(packet.Destination));
        if (PortFields(packet.Protocol) is var (source, destination))
        {
            Set(source, packet.SourcePort);
            Set(destination, packet.DestinationPort);
        }
        else if (packet.IsIcmp)
        {
            Set(packet.IsIPv4 ? Field.IcmpType : Field.Icmpv6Type, packet.IcmpType);
            Set(packet.IsIPv4 ? Field.IcmpCode : Field.Icmpv6Code, packet.IcmpCode);
            Set(Field.NdTarget, packet.NdTarget.Bits);
            Set(Field.NdSll, packet.NdSll.Bits);
            Set(Field.NdTll, packet.NdTll.Bits);
        }
    }

    private Packet SaveIp(Packet sent)
    {
        var saved = sent with
        {
            Source = AddressOf(Get(packet.IsIPv4 ? Field.Ipv4Src : Field.Ipv6Src)),
            Destination = AddressOf(Get(packet.IsIPv4 ? Field.Ipv4Dst : Field.Ipv6Dst)),
            Ttl = (byte)Get(Field.IpTtl),
        };
        return PortFields(packet.Protocol) is var (source, destination)
            ? saved with { SourcePort = (ushort)Get(source), DestinationPort = (ushort)Get(destination) }
            : saved;
    }

    private void LoadArp()
    {
        Set(Field.ArpOp, packet.ArpOperation);
        Set(Field.ArpSpa, AddressBits(packet.ArpSpa));
        Set(Field.ArpTpa, AddressBits(packet.ArpTpa));
        Set(Field.ArpSha, packet.ArpSha.Bits);
        Set(Field.ArpTha, packet.ArpTha.Bits);
    }

    private Packet SaveArp(Packet sent) => sent with
    {
        ArpOperation = (ushort)Get(Field.ArpOp),
        ArpSpa = IpAddress.FromIPv4((uint)Get(Field.ArpSpa)),
        ArpTpa = IpAddress.FromIPv4((uint)Get(Field.ArpTpa)),
        ArpSha = MacAddress.FromBits((ulong)Get(Field.ArpSha)),
        ArpTha = MacAddress.FromBits((ulong)Get(Field.ArpTha)),
    };

    private static (Field Source, Field Destination)? PortFields(byte protocol) => protocol switch
    {
        IpProtocol.Tcp => (Field.TcpSrc, Field.TcpDst),
        IpProtocol.Udp => (Field.UdpSrc, Field.UdpDst),
        IpProtocol.Sctp => (Field.SctpSrc, Field.SctpDst),
        _ => null,
    };

    private IpAddress AddressOf(UInt128 bits) => packet.IsIPv4 ? IpAddress.FromIPv4((uint)bits) : IpAddress.FromBits(bits);
}
