namespace Osc.Switch.OpenFlow;

/// <summary>
/// Has the switch tell of flows that others add, change or remove (OpenFlow 1.5.1 section 7.3.5.19, OFPMP_FLOW_MONITOR). What comes
/// over this connection itself is told apart by the switch: of that it says no more than one short line a bundle.
/// <para>
/// A switch that cannot keep up says so (paused, resumed) and leaves out what happened in between.
/// </para>
/// </summary>
internal static class FlowMonitor
{
    /// <summary>The number that Open vSwitch gives all updates. Requests are numbered from 1.</summary>
    public const uint Transaction = 0;

    private const uint MonitorId = 1;

    /// <summary>OFPFMF_ADD, OFPFMF_REMOVED and OFPFMF_MODIFY, without what is there already and without instructions.</summary>
    private const ushort Changes = 2 | 4 | 8;

    private const byte AddMonitor = 0;

    private const ushort Added = 1;
    private const ushort Modified = 3;
    private const ushort Resumed = 6;

    /// <summary>
    /// <code>
    ///  monitor:32 out port:32 out group:32 flags:16 table:8 command:8  match
    /// </code>
    /// The switch's first answer, and its refusal, have the number of messages that nobody waits for.
    /// </summary>
    public static void WriteRequest(MessageBuffer to)
    {
        MessageHeader.Write(to, MessageType.MultipartRequest, PacketMessages.Transaction, 8 + 16 + 8);
        to.UInt16((ushort)MultipartType.FlowMonitor);
        to.UInt16(0);
        to.UInt32(0);
        to.UInt32(MonitorId);
        to.UInt32(Protocol.AnyPort);
        to.UInt32(Protocol.AnyGroup);
        to.UInt16(Changes);
        to.Byte(Protocol.AllTables);
        to.Byte(AddMonitor);
        to.UInt16(Protocol.OxmMatch);
        to.UInt16(4);
        to.UInt32(0);
    }

    /// <summary>
    /// Reads an update:
    /// <code>
    ///  length:16 event:16   added, removed, modified:  table:8 reason:8 idle:16 hard:16 priority:16 zeros:32 cookie:64  match
    ///                       own changes, paused, resumed:  32 bits more
    /// </code>
    /// </summary>
    /// <returns>Whose flows others have touched; null where it is nobody's: our own changes.</returns>
    public static FlowOwner? Read(ref WireReader message)
    {
        FlowOwner? touched = null;
        message.Take(8);
        while (!message.IsEmpty)
        {
            var length = message.UInt16();
            var update = message.Part(length - 2);
            var what = update.UInt16();
            if (what == Resumed)
            {
                touched = FlowOwner.Osc;
            }
            else if (what is >= Added and <= Modified)
            {
                update.Take(12);
                var isOurs = Flows.FlowCookie.IsOurs(update.UInt64());
                touched = isOurs || touched == FlowOwner.Osc ? FlowOwner.Osc : FlowOwner.Other;
            }

            if (update.Error is { } error)
            {
                message.Fail($"an update about flows is cut short: {error}");
            }
        }

        return message.Error is null ? touched : null;
    }
}
