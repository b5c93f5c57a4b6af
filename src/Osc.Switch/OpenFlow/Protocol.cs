namespace Osc.Switch.OpenFlow;

/// <summary>
/// OpenFlow 1.5.1's numbers, section 7.
/// <para>
/// Why 1.5 and not 1.4: in 1.4 a masked write is a Nicira action (reg_load or reg_load2) and Open vSwitch dumps it in
/// whichever form it once came in, its author's choice; 1.5 knows set_field with a mask and copy_field, and the switch
/// converts everything to them. So in 1.5 equal flows are dumped as equal actions, whoever installed them and how.
/// Open vSwitch speaks 1.5 by default since 2.17.
/// </para>
/// </summary>
internal static class Protocol
{
    public const byte Version = 6;

    public const int HeaderBytes = 8;

    /// <summary>A message's length has 16 bits.</summary>
    public const int MaxMessageBytes = ushort.MaxValue;

    /// <summary>OFPXMT: OFPMT_OXM.</summary>
    public const ushort OxmMatch = 1;

    public const uint AnyPort = uint.MaxValue;

    /// <summary>OFPP_CONTROLLER.</summary>
    public const uint ControllerPort = 0xfffffffd;

    /// <summary>OFPCML_NO_BUFFER: the whole packet.</summary>
    public const ushort WholePacket = 0xffff;

    public const uint AnyGroup = uint.MaxValue;

    public const uint NoBuffer = uint.MaxValue;

    public const byte AllTables = 0xff;

    /// <summary>Nicira's experimenter number.</summary>
    public const uint Nicira = 0x00002320;
}

/// <summary>OFPT_*.</summary>
public enum MessageType : byte
{
    Hello = 0,
    Error = 1,
    EchoRequest = 2,
    EchoReply = 3,
    Experimenter = 4,
    FeaturesRequest = 5,
    FeaturesReply = 6,
    SetConfig = 9,
    PacketIn = 10,
    FlowRemoved = 11,
    PacketOut = 13,
    FlowMod = 14,
    MultipartRequest = 18,
    MultipartReply = 19,
    BarrierRequest = 20,
    BarrierReply = 21,
    MeterMod = 29,
    BundleControl = 33,
    BundleAdd = 34,
}

/// <summary>OFPFC_*.</summary>
public enum FlowCommand : byte
{
    /// <summary>Takes the place of a flow with the same table, priority and match.</summary>
    Add = 0,

    /// <summary>Changes the actions of the flow with exactly this table, priority and match, and keeps its counters; its cookie stays.</summary>
    ModifyStrict = 2,

    /// <summary>Removes the flow with exactly this table, priority and match.</summary>
    DeleteStrict = 4,
}

/// <summary>OFPMP_*.</summary>
internal enum MultipartType : ushort
{
    FlowDescription = 1,
    MeterConfiguration = 10,
    PortDescription = 13,
    FlowMonitor = 16,
}

/// <summary>OFPBCT_*: requests are even, each reply one more.</summary>
internal enum BundleControl : ushort
{
    Open = 0,
    OpenReply = 1,
    Close = 2,
    CloseReply = 3,
    Commit = 4,
    CommitReply = 5,
    Discard = 6,
    DiscardReply = 7,
}

/// <summary>OFPBF_*.</summary>
[Flags]
internal enum BundleFlags : ushort
{
    /// <summary>All of it or nothing.</summary>
    Atomic = 1,

    Ordered = 2,
}

/// <summary>OFPIT_*.</summary>
internal static class InstructionType
{
    public const ushort GotoTable = 1;
    public const ushort ApplyActions = 4;
}

/// <summary>OFPAT_*, and the Nicira actions by their subtype (ovs-actions(7)).</summary>
internal static class ActionType
{
    public const ushort Output = 0;
    public const ushort PushVlan = 17;
    public const ushort PopVlan = 18;
    public const ushort Meter = 29;
    public const ushort SetField = 25;
    public const ushort CopyField = 28;
    public const ushort Experimenter = 0xffff;

    public const ushort BundleLoad = 13;
    public const ushort ResubmitTable = 14;
    public const ushort Conjunction = 34;
    public const ushort Conntrack = 35;
    public const ushort Controller = 37;

    /// <summary>NX_BD_ALG_ACTIVE_BACKUP, NX_HASH_FIELDS_ETH_SRC, NXM_OF_IN_PORT: the first live port of a list, whatever the packet.</summary>
    public const ushort ActiveBackup = 0;
    public const ushort HashByEthSrc = 0;
    public const uint PortMembers = InputPort;

    /// <summary>NXM_OF_IN_PORT, 16 bits: set_field may write 0 there, no port's number, but not to OXM's in_port.</summary>
    public const uint InputPort = 0x00000002;

    /// <summary>OFPP_MAX of OpenFlow 1.0: where 16 bits stand for a port, those from here on have a meaning of their own.</summary>
    public const ushort FirstReservedPort = 0xff00;

    /// <summary>OFPP_IN_PORT in 16 bits: resubmit keeps the packet's own port.</summary>
    public const ushort SamePort = 0xfff8;

    /// <summary>A tag's EtherType, 802.1Q.</summary>
    public const ushort VlanEtherType = 0x8100;

    /// <summary>NXAC2PT_MAX_LEN, NXAC2PT_CONTROLLER_ID, NXAC2PT_METER_ID: properties of <see cref="Controller"/>, of 8 bytes each.</summary>
    public const ushort ControllerBytes = 0;
    public const ushort ControllerId = 1;
    public const ushort ControllerMeter = 5;

    /// <summary>NX_CT_F_COMMIT.</summary>
    public const ushort ConntrackCommit = 1;

    /// <summary>NX_CT_RECIRC_NONE.</summary>
    public const byte NoRecirculation = 0xff;
}
