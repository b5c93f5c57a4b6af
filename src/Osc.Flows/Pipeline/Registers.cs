namespace Osc.Flows.Pipeline;

/// <summary>
/// What the registers carry through the pipeline. This is the one place that gives them meaning; docs/pipeline.md shows it as a table.
/// </summary>
public static class Registers
{
    /// <summary>reg0: the class that <see cref="PipelineTable.Identify"/> found for the address that it was asked for; 0 if none.</summary>
    public static readonly Field FoundClass = Field.Registers[0];

    /// <summary>reg1: the number of the tenant whose local workload owns that address; 0 if none does.</summary>
    public static readonly Field FoundOwner = Field.Registers[1];

    /// <summary>xreg0: both of the above.</summary>
    public static readonly Field Found = Field.WideRegisters[0];

    /// <summary>reg2: the class of the connection's source.</summary>
    public static readonly Field SourceClass = Field.Registers[2];

    /// <summary>reg3: the owner of the connection's source; not 0 means that there is an out side here.</summary>
    public static readonly Field SourceOwner = Field.Registers[3];

    /// <summary>xreg1: both of the above.</summary>
    public static readonly Field Source = Field.WideRegisters[1];

    /// <summary>reg4: the class of the connection's destination.</summary>
    public static readonly Field DestinationClass = Field.Registers[4];

    /// <summary>reg5: the owner of the connection's destination; not 0 means that there is an in side here.</summary>
    public static readonly Field DestinationOwner = Field.Registers[5];

    /// <summary>xreg2: both of the above.</summary>
    public static readonly Field Destination = Field.WideRegisters[2];

    /// <summary>reg6: the conntrack zone: the vrf's number on this host and bridge.</summary>
    public static readonly Field Zone = Field.Registers[6];

    /// <summary>The 16 bits of it that are the zone.</summary>
    public static readonly Subfield ZoneBits = new(Zone, 0, 16);

    /// <summary>reg7: the number of the network that the packet came in on.</summary>
    public static readonly Field Network = Field.Registers[7];

    /// <summary>reg8: the number of the rule that decided the out side; 0 for the default action.</summary>
    public static readonly Field OutRule = Field.Registers[8];

    /// <summary>reg9: the number of the rule that decided the in side; 0 for the default action.</summary>
    public static readonly Field InRule = Field.Registers[9];

    /// <summary>The upper bits of reg8: the number of the chain that the out side's rule inspects by; 0: none.</summary>
    public static readonly Subfield OutChain = new(OutRule, 24, 8);

    /// <summary>The same of reg9 and the in side.</summary>
    public static readonly Subfield InChain = new(InRule, 24, 8);

    /// <summary>The largest number of a chain that there is room for.</summary>
    public const uint MaxChain = 0xff;

    /// <summary>reg10: flags of the packet.</summary>
    public static readonly Field Flags = Field.Registers[10];

    /// <summary>Flag: the packet came from a local workload's port, not from an uplink.</summary>
    public const uint FromLocal = 1;

    /// <summary>Flag: the packet goes to many, and may.</summary>
    public const uint ToMany = 2;

    /// <summary>Flag: the packet answers a DHCP client, whose side is not asked.</summary>
    public const uint ToDhcpClient = 4;

    /// <summary>Flag: of an ICMP error from a local port, the spoof guard is asked whether the packet that it reports was sent to that port.</summary>
    public const uint ReceiverAsked = 8;

    /// <summary>Flag: the packet leaves the bridge only to come back, for both ends of its connection are here. It goes through appliances then, not now.</summary>
    public const uint ComesBack = 32;

    /// <summary>Flag: the packet goes against the connection's first. Connection tracking knows, but no longer after a commit.</summary>
    public const uint Reply = 16;

    /// <summary>That flag, and what connection tracking says of it.</summary>
    public static readonly Subfield ReplyFlag = new(Flags, 4, 1);

    public static readonly Subfield ReplyState = new(Field.CtState, 3, 1);

    /// <summary>Flag: in a tier's table, a rule that observes has counted the packet, and is not asked again.</summary>
    /// <param name="table">A tier of either side.</param>
    public static uint Observed(byte table) => 1u << (16 + table - PipelineTable.OutTiers);

    /// <summary>reg11: the connection's service; see <see cref="ServiceKey"/>.</summary>
    public static readonly Field Service = Field.Registers[11];

    /// <summary>xxreg3 (reg12 to reg15): the address that <see cref="PipelineTable.Identify"/> is asked for, IPv4 as ::ffff:a.b.c.d.</summary>
    public static readonly Field Address = Field.WidestRegisters[3];

    /// <summary>reg14: the bits above an IPv4 address there.</summary>
    public static readonly Field AddressMarker = Field.Registers[14];

    /// <summary>reg15: an IPv4 address there.</summary>
    public static readonly Field AddressLow = Field.Registers[15];

    /// <summary>reg12: where the packet is on its way through appliances; see <see cref="InspectionLeg"/>.</summary>
    public static readonly Field Leg = Field.Registers[12];

    /// <summary>reg13: the ports of the hop that is next, <see cref="BundleLoad.Down"/> for one that is down.</summary>
    public static readonly Field HopPorts = Field.Registers[13];

    /// <summary>The port that the packet enters the hop by.</summary>
    public static readonly Subfield NearPort = new(HopPorts, 0, 16);

    /// <summary>The port that it comes back at.</summary>
    public static readonly Subfield FarPort = new(HopPorts, 16, 16);

    /// <summary>What each register means, for people.</summary>
    public static readonly IReadOnlyList<(Field Field, string Meaning)> Meanings =
    [
        (FoundClass, "the class that `Identify` found; 0: nobody's"),
        (FoundOwner, "the number of the tenant whose local workload has the address; 0: none here"),
        (SourceClass, "the class of the connection's source"),
        (SourceOwner, "the owner of the connection's source; not 0: there is an out side here"),
        (DestinationClass, "the class of the connection's destination"),
        (DestinationOwner, "the owner of the connection's destination; not 0: there is an in side here"),
        (Zone, "the conntrack zone"),
        (Network, "the number of the network that the packet came in on"),
        (OutRule, "the rule that decided the out side, bit 23 set where it keeps what it allowed, its chain in bits 24 to 31; 0: the default action"),
        (InRule, "the same of the in side"),
        (Flags, "bit 0: the packet came from a local workload; bit 1: it goes to many, and may; bit 2: it answers a DHCP client; bit 3: it is an ICMP error, and the spoof guard is asked whether the packet that it reports was sent to this port; bit 4: it is a reply; bit 5: it leaves the bridge only to come back; bits 16 to 20 and 26 to 30: in that tier of the out or in side, a rule that observes has counted it"),
        (Service, "the connection's service key"),
        (Address, "reg12 to reg15: the address that `Identify` is asked for, IPv4 as ::ffff:a.b.c.d"),
        (Leg, "after delivery's guard: where the packet is on its way through appliances: the out and in side's chains in bits 16 to 23 and 24 to 31, the next hop from bit 1, bit 0 set for replies"),
        (HopPorts, "the numbers of the next hop's ports, the one to enter by in bits 0 to 15, the one to come back at above; 0xffff: down"),
    ];

    /// <summary>In reg8, reg9 and the label's rules: the rule keeps what it has allowed, until the connection ends, save against the first tier.</summary>
    public const uint KeepingRule = 1 << 23;

    /// <summary>ct_label bits 0 to 31: all that reg8 says of the out side.</summary>
    public static readonly Subfield LabelOut = new(Field.CtLabel, 0, 32);

    /// <summary>Bits 0 to 23: the rule that decided it, and whether it keeps.</summary>
    public static readonly Subfield LabelOutRule = new(Field.CtLabel, 0, 24);

    /// <summary>Bits 24 to 31: the chain that it inspects by.</summary>
    public static readonly Subfield LabelOutChain = new(Field.CtLabel, 24, 8);

    /// <summary>ct_label bits 32 to 63: the same of the in side.</summary>
    public static readonly Subfield LabelIn = new(Field.CtLabel, 32, 32);

    public static readonly Subfield LabelInRule = new(Field.CtLabel, 32, 24);

    public static readonly Subfield LabelInChain = new(Field.CtLabel, 56, 8);

    /// <summary>ct_label bits 64 to 79: the owner of the connection's source.</summary>
    public static readonly Subfield LabelSourceOwner = new(Field.CtLabel, 64, 16);

    /// <summary>ct_label bits 80 to 95: the owner of its destination.</summary>
    public static readonly Subfield LabelDestinationOwner = new(Field.CtLabel, 80, 16);

    /// <summary>ct_label bits 96 to 103: the low bits of its source's address.</summary>
    public static readonly Subfield LabelSource = new(Field.CtLabel, 96, 8);

    /// <summary>ct_label bits 104 to 111: the low bits of its destination's.</summary>
    public static readonly Subfield LabelDestination = new(Field.CtLabel, 104, 8);
}

/// <summary>
/// The layout of reg11: the protocol in bits 16 to 23; below it the destination port, or for ICMP and ICMPv6 the type in
/// bits 8 to 15 and the code in bits 0 to 7. Read from the connection's original direction, so that a reply has the same key.
/// </summary>
public static class ServiceKey
{
    public const uint ProtocolMask = 0xff0000;
    public const uint TypeMask = 0xffff00;
    public const uint FullMask = 0xffffff;

    public static readonly Subfield Protocol = new(Registers.Service, 16, 8);
    public static readonly Subfield Port = new(Registers.Service, 0, 16);
    public static readonly Subfield IcmpType = new(Registers.Service, 8, 8);
    public static readonly Subfield IcmpCode = new(Registers.Service, 0, 8);

    public static uint OfPort(byte protocol, ushort port) => ((uint)protocol << 16) | port;

    public static uint OfIcmp(byte protocol, byte type, byte code) => ((uint)protocol << 16) | ((uint)type << 8) | code;
}
