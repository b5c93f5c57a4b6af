using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Switch.Reconcile;

namespace Osc.Switch.OpenFlow;

/// <summary>
/// Writes flows in OpenFlow 1.5. Sources: OpenFlow 1.5.1 sections 7.2.3 to 7.2.6; for Open vSwitch's extensions
/// ovs-actions(7), ovs-fields(7).
/// </summary>
public static class FlowEncoder
{
    /// <summary>Why a flow that matches ct_nw_proto=0 is refused.</summary>
    public const string NoConntrackProtocol =
        "ct_nw_proto=0: the switch leaves it out of its dumps, so that the flow could never be told from one that does not match it";

    private const int InstructionHeader = 8;

    private const string NoTable255 = "255 stands for no table, or all of them: tables are 0 to 254";

    /// <summary>
    /// Writes a flow's match and instructions at the end of <paramref name="to"/>. An output to a port that has no number is
    /// left out: the packet goes to the others, or nowhere.
    /// </summary>
    /// <param name="ports">Holds the port that the flow matches, if it matches one.</param>
    /// <param name="entry">The flow as written; valid until the next write to <paramref name="to"/>.</param>
    /// <returns>Null, or why the flow cannot be had from a switch.</returns>
    public static string? Encode(Flow flow, PortBinding ports, MessageBuffer to, out FlowEntry entry)
    {
        var start = to.Length;
        var error = flow.Table == Protocol.AllTables ? NoTable255 : WriteMatch(flow.Match, ports, to);
        var instructionsAt = to.Length;
        error ??= WriteInstructions(flow.Actions, ports, to);
        entry = new()
        {
            Table = flow.Table,
            Priority = flow.Priority,
            Cookie = flow.Cookie,
            IsPlain = true,
            Match = to.Written[start..instructionsAt],
            Instructions = to.Written[instructionsAt..],
        };
        return error ?? (FlowMod.Bytes(entry) > FlowMod.MaxBytes ? $"the flow takes {FlowMod.Bytes(entry)} bytes, a message holds {FlowMod.MaxBytes}" : null);
    }

    private static string? WriteMatch(Match match, PortBinding ports, MessageBuffer to)
    {
        if (match.InPort is { } port)
        {
            var number = ports.Find(port) ?? throw new ArgumentException($"the flow matches port '{port}', which has no number");
            OxmEntry.Write(to, Field.InPort, number, Field.InPort.FullMask);
        }

        foreach (var field in match.Fields)
        {
            if (ReferenceEquals(field.Field, Field.CtNwProto) && field.Value == 0)
            {
                return NoConntrackProtocol;
            }

            OxmEntry.Write(to, field.Field, field.Value, field.Mask);
        }

        return null;
    }

    /// <summary>
    /// apply_actions, then goto_table:
    /// <code>
    ///  type:16=4 length:16 pad:32  actions        type:16=1 length:16=8 table:8 pad:24
    /// </code>
    /// </summary>
    private static string? WriteInstructions(ValueList<FlowAction> actions, PortBinding ports, MessageBuffer to)
    {
        var count = actions.Count > 0 && actions[^1] is GotoTable ? actions.Count - 1 : actions.Count;
        if (count > 0)
        {
            var start = to.Length;
            to.UInt16(InstructionType.ApplyActions);
            to.UInt16(0);
            to.UInt32(0);
            var error = WriteActions(actions.AsSpan()[..count], ports, to);
            if (error is not null || to.Length - start > Protocol.MaxMessageBytes)
            {
                return error ?? $"its actions take {to.Length - start} bytes, a message holds {Protocol.MaxMessageBytes}";
            }

            if (to.Length - start > InstructionHeader)
            {
                to.SetLength(start + 2, to.Length - start);
            }
            else
            {
                // All it had were outputs to ports that have no number; the switch drops an instruction without actions from its dumps.
                to.Truncate(start);
            }
        }

        if (count < actions.Count)
        {
            if (actions[^1] is GotoTable { Table: Protocol.AllTables })
            {
                return NoTable255;
            }

            to.UInt16(InstructionType.GotoTable);
            to.UInt16(8);
            to.Byte(((GotoTable)actions[^1]).Table);
            to.Append(3);
        }

        return null;
    }

    /// <summary>Writes a list of actions.</summary>
    /// <returns>Null, or why a switch cannot be given them.</returns>
    internal static string? WriteActions(ReadOnlySpan<FlowAction> actions, PortBinding ports, MessageBuffer to)
    {
        foreach (var action in actions)
        {
            switch (action)
            {
                case Output output when ports.Find(output.Port) is { } number:
                    to.UInt16(ActionType.Output);
                    to.UInt16(16);
                    to.UInt32(number);
                    to.Append(8);
                    break;
                case Output:
                    break;
                case BundleLoad load:
                    WriteBundleLoad(load, ports, to);
                    break;
                case SetField set:
                    WriteSetField(set, to);
                    break;
                case Move move:
                    WriteCopyField(move, to);
                    break;
                case Resubmit { Table: Protocol.AllTables } or Conntrack { Table: Protocol.AllTables }:
                    return NoTable255;
                case Resubmit resubmit:
                    WriteExperimenter(to, ActionType.ResubmitTable, 16);
                    to.UInt16(ActionType.SamePort);
                    to.Byte(resubmit.Table);
                    to.Append(3);
                    break;
                case Conjunction conjunction:
                    WriteExperimenter(to, ActionType.Conjunction, 16);
                    to.Byte((byte)(conjunction.Clause - 1));
                    to.Byte(conjunction.Clauses);
                    to.UInt32(conjunction.Id);
                    break;
                case ForgetInPort:
                    to.UInt16(ActionType.SetField);
                    to.UInt16(16);
                    to.UInt32(ActionType.InputPort);
                    to.Append(8); // 0 is no port's number
                    break;
                case PushVlan:
                    to.UInt16(ActionType.PushVlan);
                    to.UInt16(8);
                    to.UInt16(ActionType.VlanEtherType);
                    to.Append(2);
                    break;
                case Meter meter:
                    to.UInt16(ActionType.Meter);
                    to.UInt16(8);
                    to.UInt32(meter.Id);
                    break;
                case ToController:
                    to.UInt16(ActionType.Output);
                    to.UInt16(16);
                    to.UInt32(Protocol.ControllerPort);
                    to.UInt16(Protocol.WholePacket);
                    to.Append(6);
                    break;
                case LogPacket log:
                    WriteLogPacket(log, to);
                    break;
                case PopVlan:
                    to.UInt16(ActionType.PopVlan);
                    to.UInt16(8);
                    to.Append(4);
                    break;
                case Conntrack ct:
                    if (WriteConntrack(ct, ports, to) is { } error)
                    {
                        return error;
                    }

                    break;
                case GotoTable:
                    return $"{action} is not the last action";
                default:
                    throw new ArgumentException($"no OpenFlow for {action.GetType().Name}");
            }
        }

        return null;
    }

    /// <summary>
    /// <code>
    ///  type:16=25 length:16  OXM entry  padding to 8
    /// </code>
    /// </summary>
    private static void WriteSetField(SetField set, MessageBuffer to)
    {
        var start = to.Length;
        to.UInt16(ActionType.SetField);
        to.UInt16(0);
        OxmEntry.Write(to, set.Field, set.Value, set.Mask);
        to.PadFrom(start);
        to.SetLength(start + 2, to.Length - start);
    }

    /// <summary>
    /// <code>
    ///  type:16=28 length:16=24  bits:16 source offset:16 destination offset:16 pad:16  source header:32 destination header:32 pad:32
    /// </code>
    /// </summary>
    private static void WriteCopyField(Move move, MessageBuffer to)
    {
        var start = to.Length;
        to.UInt16(ActionType.CopyField);
        to.UInt16(24);
        to.UInt16((ushort)move.Source.Bits);
        to.UInt16((ushort)move.Source.Offset);
        to.UInt16((ushort)move.Destination.Offset);
        to.UInt16(0);
        to.UInt32(OxmEntry.Header(move.Source.Field, hasMask: false));
        to.UInt32(OxmEntry.Header(move.Destination.Field, hasMask: false));
        to.PadFrom(start);
    }

    /// <summary>
    /// struct nx_action_bundle, with one member and the 6 bytes that pad it:
    /// <code>
    ///  experimenter header:80  algorithm:16 fields:16 basis:16  member type:32 members:16  offset:10,bits-1:6 destination header:32 pad:32  member:16 pad:48
    /// </code>
    /// </summary>
    private static void WriteBundleLoad(BundleLoad load, PortBinding ports, MessageBuffer to)
    {
        WriteExperimenter(to, ActionType.BundleLoad, 40);
        to.UInt16(ActionType.ActiveBackup);
        to.UInt16(ActionType.HashByEthSrc);
        to.UInt16(0);
        to.UInt32(ActionType.PortMembers);
        to.UInt16(1);
        to.UInt16((ushort)((load.Destination.Offset << 6) | (load.Destination.Bits - 1)));
        to.UInt32(OxmEntry.Header(load.Destination.Field, hasMask: false));
        to.UInt32(0);
        to.UInt16((ushort)(ports.Find(load.Port) ?? BundleLoad.Down));
        to.Append(6);
    }

    /// <summary>
    /// struct nx_action_conntrack:
    /// <code>
    ///  experimenter header:80 flags:16  zone header:32 zone offset:10,bits-1:6  table:8 pad:24 alg:16  actions
    /// </code>
    /// </summary>
    private static string? WriteConntrack(Conntrack ct, PortBinding ports, MessageBuffer to)
    {
        if (ct.Zone.Bits != 16)
        {
            return $"{ct}: a zone has 16 bits";
        }

        var start = to.Length;
        WriteExperimenter(to, ActionType.Conntrack, 0);
        to.UInt16(ct.Commit ? ActionType.ConntrackCommit : (ushort)0);
        to.UInt32(OxmEntry.Header(ct.Zone.Field, hasMask: false));
        to.UInt16((ushort)((ct.Zone.Offset << 6) | (ct.Zone.Bits - 1)));
        to.Byte(ct.Table ?? ActionType.NoRecirculation);
        to.Append(5);
        var error = WriteActions(ct.Exec.AsSpan(), ports, to);
        if (error is not null || to.Length - start > Protocol.MaxMessageBytes)
        {
            return error ?? $"ct takes {to.Length - start} bytes, a message holds {Protocol.MaxMessageBytes}";
        }

        to.SetLength(start + 2, to.Length - start);
        return null;
    }

    /// <summary>
    /// struct nx_action_controller2:
    /// <code>
    ///  experimenter header:80 pad:48   type:16=0 length:16=8 bytes:16 pad:16   type:16=1 length:16=8 controller:16 pad:16   type:16=5 length:16=8 meter:32
    /// </code>
    /// </summary>
    private static void WriteLogPacket(LogPacket log, MessageBuffer to)
    {
        WriteExperimenter(to, ActionType.Controller, 40);
        to.Append(6);
        to.UInt16(ActionType.ControllerBytes);
        to.UInt16(8);
        to.UInt16(PacketLog.HeadBytes);
        to.UInt16(0);
        to.UInt16(ActionType.ControllerId);
        to.UInt16(8);
        to.UInt16(PacketLog.ControllerId);
        to.UInt16(0);
        to.UInt16(ActionType.ControllerMeter);
        to.UInt16(8);
        to.UInt32(log.Meter);
    }

    private static void WriteExperimenter(MessageBuffer to, ushort subtype, ushort length)
    {
        to.UInt16(ActionType.Experimenter);
        to.UInt16(length);
        to.UInt32(Protocol.Nicira);
        to.UInt16(subtype);
    }
}
