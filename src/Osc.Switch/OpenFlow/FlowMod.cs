using Osc.Flows;

namespace Osc.Switch.OpenFlow;

/// <summary>
/// The flow_mod message (OpenFlow 1.5.1 section 7.3.4.2):
/// <code>
///  header:64  cookie:64 cookie mask:64  table:8 command:8 idle:16 hard:16 priority:16
///  buffer:32 out port:32 out group:32 flags:16 importance:16  match (padded to 8)  instructions
/// </code>
/// </summary>
internal static class FlowMod
{
    private const ushort SendFlowRemoved = 1;

    private const int FixedBytes = Protocol.HeaderBytes + 40;

    /// <summary>The longest that fits into a bundle_add message.</summary>
    public const int MaxBytes = Protocol.MaxMessageBytes - Protocol.HeaderBytes - 8;

    /// <summary>
    /// What a flow's flags are: the switch tells the last counts of those whose hits are a rule's when they go (OFPFF_SEND_FLOW_REM).
    /// </summary>
    public static ushort FlagsOf(ulong cookie) => FlowCookie.Of(cookie).Counts ? SendFlowRemoved : (ushort)0;

    public static int Bytes(in FlowEntry entry) => FixedBytes + entry.PaddedMatchBytes + entry.Instructions.Length;

    /// <param name="cookieMask">Bits of the cookie that a flow must share with <paramref name="entry"/> to be modified or deleted; 0 for an add.</param>
    public static void Write(MessageBuffer to, uint transaction, FlowCommand command, in FlowEntry entry, ulong cookieMask)
    {
        var instructions = command == FlowCommand.DeleteStrict ? default : entry.Instructions;
        to.Byte(Protocol.Version);
        to.Byte((byte)MessageType.FlowMod);
        to.UInt16((ushort)(FixedBytes + entry.PaddedMatchBytes + instructions.Length));
        to.UInt32(transaction);
        to.UInt64(entry.Cookie);
        to.UInt64(cookieMask);
        to.Byte(entry.Table);
        to.Byte((byte)command);
        to.UInt32(0);
        to.UInt16(entry.Priority);
        to.UInt32(Protocol.NoBuffer);
        to.UInt32(Protocol.AnyPort);
        to.UInt32(Protocol.AnyGroup);
        to.UInt16(FlagsOf(entry.Cookie));
        to.UInt16(0);
        var match = to.Length;
        to.UInt16(Protocol.OxmMatch);
        to.UInt16((ushort)(4 + entry.Match.Length));
        to.Bytes(entry.Match);
        to.PadFrom(match);
        to.Bytes(instructions);
    }
}
