using System.Collections.Frozen;

namespace Osc.Flows;

/// <summary>
/// A field that a flow can match or an action can write: its ovs-ofctl name and its OXM header (class and number).
/// Sources: OpenFlow 1.5.1 section 7.2.3.7; ovs-fields(7), which lists the Nicira extensions.
/// </summary>
public sealed class Field
{
    private const ushort OpenFlowBasic = 0x8000;
    private const ushort Nxm1 = 0x0001;
    private const ushort PacketRegisters = 0x8001;

    private static readonly List<Field> Declared = [];

    public static readonly Field InPort = new("in_port", OpenFlowBasic, 0, 32, FieldFormat.Port);
    public static readonly Field EthDst = new("dl_dst", OpenFlowBasic, 3, 48, FieldFormat.Mac);
    public static readonly Field EthSrc = new("dl_src", OpenFlowBasic, 4, 48, FieldFormat.Mac);
    public static readonly Field EthType = new("dl_type", OpenFlowBasic, 5, 16, FieldFormat.Hex);

    /// <summary>12 bits of VLAN id under the "present" bit 0x1000; 0 is an untagged frame.</summary>
    public static readonly Field VlanVid = new("vlan_vid", OpenFlowBasic, 6, 13, FieldFormat.Hex);
    public static readonly Field IpProto = new("nw_proto", OpenFlowBasic, 10, 8, FieldFormat.Decimal);
    public static readonly Field Ipv4Src = new("nw_src", OpenFlowBasic, 11, 32, FieldFormat.IPv4);
    public static readonly Field Ipv4Dst = new("nw_dst", OpenFlowBasic, 12, 32, FieldFormat.IPv4);
    public static readonly Field TcpSrc = new("tcp_src", OpenFlowBasic, 13, 16, FieldFormat.Decimal);
    public static readonly Field TcpDst = new("tcp_dst", OpenFlowBasic, 14, 16, FieldFormat.Decimal);
    public static readonly Field UdpSrc = new("udp_src", OpenFlowBasic, 15, 16, FieldFormat.Decimal);
    public static readonly Field UdpDst = new("udp_dst", OpenFlowBasic, 16, 16, FieldFormat.Decimal);
    public static readonly Field SctpSrc = new("sctp_src", OpenFlowBasic, 17, 16, FieldFormat.Decimal);
    public static readonly Field SctpDst = new("sctp_dst", OpenFlowBasic, 18, 16, FieldFormat.Decimal);
    public static readonly Field IcmpType = new("icmp_type", OpenFlowBasic, 19, 8, FieldFormat.Decimal);
    public static readonly Field IcmpCode = new("icmp_code", OpenFlowBasic, 20, 8, FieldFormat.Decimal);
    public static readonly Field ArpOp = new("arp_op", OpenFlowBasic, 21, 16, FieldFormat.Decimal);
    public static readonly Field ArpSpa = new("arp_spa", OpenFlowBasic, 22, 32, FieldFormat.IPv4);
    public static readonly Field ArpTpa = new("arp_tpa", OpenFlowBasic, 23, 32, FieldFormat.IPv4);
    public static readonly Field ArpSha = new("arp_sha", OpenFlowBasic, 24, 48, FieldFormat.Mac);
    public static readonly Field ArpTha = new("arp_tha", OpenFlowBasic, 25, 48, FieldFormat.Mac);
    public static readonly Field Ipv6Src = new("ipv6_src", OpenFlowBasic, 26, 128, FieldFormat.IPv6);
    public static readonly Field Ipv6Dst = new("ipv6_dst", OpenFlowBasic, 27, 128, FieldFormat.IPv6);
    public static readonly Field Icmpv6Type = new("icmpv6_type", OpenFlowBasic, 29, 8, FieldFormat.Decimal);
    public static readonly Field Icmpv6Code = new("icmpv6_code", OpenFlowBasic, 30, 8, FieldFormat.Decimal);
    public static readonly Field NdTarget = new("nd_target", OpenFlowBasic, 31, 128, FieldFormat.IPv6);
    public static readonly Field NdSll = new("nd_sll", OpenFlowBasic, 32, 48, FieldFormat.Mac);
    public static readonly Field NdTll = new("nd_tll", OpenFlowBasic, 33, 48, FieldFormat.Mac);
    public static readonly Field TunnelId = new("tun_id", OpenFlowBasic, 38, 64, FieldFormat.Hex);
    public static readonly Field IpTtl = new("nw_ttl", Nxm1, 29, 8, FieldFormat.Decimal);

    public static readonly Field ConjunctionId = new("conj_id", Nxm1, 37, 32, FieldFormat.Decimal);
    public static readonly Field CtState = new("ct_state", Nxm1, 105, 32, FieldFormat.CtState);
    public static readonly Field CtZone = new("ct_zone", Nxm1, 106, 16, FieldFormat.Decimal);
    public static readonly Field CtMark = new("ct_mark", Nxm1, 107, 32, FieldFormat.Hex);
    public static readonly Field CtLabel = new("ct_label", Nxm1, 108, 128, FieldFormat.Hex);
    public static readonly Field CtNwProto = new("ct_nw_proto", Nxm1, 119, 8, FieldFormat.Decimal);
    public static readonly Field CtNwSrc = new("ct_nw_src", Nxm1, 120, 32, FieldFormat.IPv4);
    public static readonly Field CtNwDst = new("ct_nw_dst", Nxm1, 121, 32, FieldFormat.IPv4);
    public static readonly Field CtIpv6Src = new("ct_ipv6_src", Nxm1, 122, 128, FieldFormat.IPv6);
    public static readonly Field CtIpv6Dst = new("ct_ipv6_dst", Nxm1, 123, 128, FieldFormat.IPv6);
    public static readonly Field CtTpSrc = new("ct_tp_src", Nxm1, 124, 16, FieldFormat.Decimal);
    public static readonly Field CtTpDst = new("ct_tp_dst", Nxm1, 125, 16, FieldFormat.Decimal);

    /// <summary>reg0 to reg15.</summary>
    public static readonly IReadOnlyList<Field> Registers = [.. Enumerable.Range(0, 16).Select(i => new Field($"reg{i}", Nxm1, (byte)i, 32, FieldFormat.Hex))];

    /// <summary>xreg0 to xreg7: xregN is reg(2N) above reg(2N+1). For actions; a match names the registers themselves.</summary>
    public static readonly IReadOnlyList<Field> WideRegisters = [.. Enumerable.Range(0, 8).Select(i => new Field($"xreg{i}", PacketRegisters, (byte)i, 64, FieldFormat.Hex, i * 2))];

    /// <summary>xxreg0 to xxreg3: xxregN is reg(4N) to reg(4N+3), the first uppermost. For actions; a match names the registers themselves.</summary>
    public static readonly IReadOnlyList<Field> WidestRegisters = [.. Enumerable.Range(0, 4).Select(i => new Field($"xxreg{i}", Nxm1, (byte)(111 + i), 128, FieldFormat.Hex, i * 4))];

    private static readonly FrozenDictionary<string, Field> ByName = Declared.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    private static readonly FrozenDictionary<int, Field> ByHeader = Declared.ToFrozenDictionary(f => (f.OxmClass << 8) | f.OxmNumber);

    private Field(string name, ushort oxmClass, byte oxmNumber, int bits, FieldFormat format, int? firstRegister = null)
    {
        FirstRegister = firstRegister;
        Name = name;
        OxmClass = oxmClass;
        OxmNumber = oxmNumber;
        Bits = bits;
        Format = format;
        Index = Declared.Count;
        Declared.Add(this);
    }

    /// <summary>Every field, in the order of <see cref="Index"/>.</summary>
    public static IReadOnlyList<Field> All => Declared;

    /// <summary>The name that ovs-ofctl uses.</summary>
    public string Name { get; }

    public ushort OxmClass { get; }

    /// <summary>OXM's oxm_field: 7 bits.</summary>
    public byte OxmNumber { get; }

    public int Bits { get; }

    /// <summary>Bytes on the wire, rounded up.</summary>
    public int Bytes => (Bits + 7) / 8;

    public FieldFormat Format { get; }

    /// <summary>The field's place in <see cref="All"/>, which orders the fields of a match.</summary>
    public int Index { get; }

    /// <summary>The index of the first 32-bit register under a wide one; null for other fields.</summary>
    public int? FirstRegister { get; }

    /// <summary>All bits of the field set.</summary>
    public UInt128 FullMask => Bits == 128 ? UInt128.MaxValue : (UInt128.One << Bits) - 1;

    /// <summary>The name that NXM gives the field in move and learn actions: NXM_NX_REG0, OXM_OF_ETH_SRC, ...</summary>
    public string NxmName => FieldNames.NxmNameOf(this);

    public static Field? Find(string name) => ByName.GetValueOrDefault(name);

    public static Field? Find(ushort oxmClass, byte oxmNumber) => ByHeader.GetValueOrDefault((oxmClass << 8) | oxmNumber);

    public override string ToString() => Name;
}

/// <summary>How a field's value is written.</summary>
public enum FieldFormat
{
    Decimal,
    Hex,
    Mac,
    IPv4,
    IPv6,
    CtState,
    Port,
}
