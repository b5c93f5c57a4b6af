using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Switch.Reconcile;

namespace Osc.Switch.OpenFlow;

/// <summary>
/// Packets to and from the agent (OpenFlow 1.5.1 sections 7.3.6, 7.4.1). Nothing here is answered: a packet may get lost, and what
/// a switch that has no meters says comes with the flows that need one.
/// </summary>
internal static class PacketMessages
{
    /// <summary>The number of all messages whose refusal nobody waits for.</summary>
    public const uint Transaction = uint.MaxValue;

    private const ushort AddMeter = 0;
    private const ushort ModifyMeter = 1;
    private const ushort DeleteMeter = 2;
    private const ushort DropBand = 1;

    /// <summary>NXT_SET_CONTROLLER_ID.</summary>
    private const uint SetControllerId = 20;

    /// <summary>OFPMF_PKTPS and OFPMF_BURST.</summary>
    private const ushort PacketsWithBurst = 2 | 4;

    /// <summary>Asks a switch for whole packets, which Open vSwitch sends a management connection only when asked, and sees to the meter that they pass.</summary>
    /// <param name="rejectedPerSecond">How many packets of rejected connections a second may come, and how many at once.</param>
    public static void WriteSetUp(MessageBuffer to, uint rejectedPerSecond)
    {
        MessageHeader.Write(to, MessageType.SetConfig, Transaction, 4);
        to.UInt16(0);
        to.UInt16(Protocol.WholePacket);
        WriteMeter(to, RejectMeter.Id, rejectedPerSecond);
    }

    /// <summary>Asks a switch for the heads of the packets that rules log, on this connection alone (NXT_SET_CONTROLLER_ID).</summary>
    public static void WriteLogSetUp(MessageBuffer to)
    {
        MessageHeader.Write(to, MessageType.SetConfig, Transaction, 4);
        to.UInt16(0);
        to.UInt16(Protocol.WholePacket);
        MessageHeader.Write(to, MessageType.Experimenter, Transaction, 16);
        to.UInt32(Protocol.Nicira);
        to.UInt32(SetControllerId);
        to.Append(6);
        to.UInt16(PacketLog.ControllerId);
    }

    /// <summary>Makes a meter, or gives the one that is there its rate.</summary>
    /// <param name="rate">Packets a second, and at once.</param>
    public static void WriteMeter(MessageBuffer to, uint meter, uint rate)
    {
        WriteMeter(to, AddMeter, meter, rate); // refused if it is there
        WriteMeter(to, ModifyMeter, meter, rate);
    }

    public static void WriteMeterRemoval(MessageBuffer to, uint meter)
    {
        MessageHeader.Write(to, MessageType.MeterMod, Transaction, 8);
        to.UInt16(DeleteMeter);
        to.UInt16(0);
        to.UInt32(meter);
    }

    /// <summary>
    /// <code>
    ///  buffer:32 bytes:16 reason:8 table:8 cookie:64  match  pad:16  frame
    /// </code>
    /// </summary>
    public static PacketIn Read(PortName bridge, ref WireReader message)
    {
        message.Take(4);
        var bytes = message.UInt16();
        message.Take(1);
        var table = message.Byte();
        var cookie = message.UInt64();
        message.Take(2); // OFPMT_OXM
        var length = message.UInt16();
        var match = message.Part(length - 4);
        message.Take(-length & 7);
        message.Take(2);
        var fields = new Dictionary<Field, UInt128>();
        var narrow = default(OxmParts);
        Span<OxmEntry> parts = narrow;
        while (!match.IsEmpty)
        {
            var entry = OxmEntry.Read(ref match);
            foreach (var part in entry.Field is null ? [] : parts[..entry.Narrow(parts)])
            {
                fields[part.Field!] = part.Value; // known, so its parts are
            }
        }

        if (match.Error is { } error)
        {
            message.Fail(error);
        }

        return new(bridge, table, cookie, fields, message.Take(message.Left).ToArray()) { Length = bytes };
    }

    /// <summary>
    /// <code>
    ///  buffer:32 actions:16 pad:16  match  actions  frame
    /// </code>
    /// </summary>
    /// <exception cref="ArgumentException">The packet is longer than a message.</exception>
    public static void Write(MessageBuffer to, PacketOut packet)
    {
        var start = to.Length;
        MessageHeader.Write(to, MessageType.PacketOut, Transaction, 0);
        to.UInt32(Protocol.NoBuffer);
        to.UInt16(0);
        to.UInt16(0);
        var match = to.Length;
        to.UInt16(Protocol.OxmMatch);
        to.UInt16(0);
        OxmEntry.Write(to, Field.InPort, Protocol.ControllerPort, Field.InPort.FullMask);
        to.SetLength(match + 2, to.Length - match);
        to.PadFrom(match);
        var actions = to.Length;
        if (FlowEncoder.WriteActions(packet.Actions.AsSpan(), PortBinding.Empty, to) is { } error)
        {
            throw new ArgumentException(error);
        }

        to.SetLength(start + Protocol.HeaderBytes + 4, to.Length - actions);
        to.Bytes(packet.Frame.Span);
        if (to.Length - start > Protocol.MaxMessageBytes)
        {
            throw new ArgumentException($"a packet of {packet.Frame.Length} bytes");
        }

        to.SetLength(start + 2, to.Length - start);
    }

    /// <summary>
    /// <code>
    ///  command:16 flags:16 meter:32   type:16=1 length:16=16 rate:32 burst:32 pad:32
    /// </code>
    /// </summary>
    private static void WriteMeter(MessageBuffer to, ushort command, uint meter, uint rate)
    {
        MessageHeader.Write(to, MessageType.MeterMod, Transaction, 8 + 16);
        to.UInt16(command);
        to.UInt16(PacketsWithBurst);
        to.UInt32(meter);
        to.UInt16(DropBand);
        to.UInt16(16);
        to.UInt32(rate);
        to.UInt32(rate);
        to.UInt32(0);
    }
}
