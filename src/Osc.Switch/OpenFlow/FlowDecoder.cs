using System.Diagnostics.CodeAnalysis;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Switch.OpenFlow;

/// <summary>
/// Reads flows from OpenFlow 1.5, as far as the flow language has words for them. What it has none for, and what is
/// malformed, is an error text; no input throws.
/// </summary>
public static class FlowDecoder
{
    /// <summary>How deep actions may hold actions: ct in a flow.</summary>
    private const int MaxDepth = 1;

    /// <summary>The bits of ct_state that have a name, new to dnat (ovs-fields(7)).</summary>
    private const uint NamedStates = 0xff;

    /// <param name="portName">The name of a port number; null for one that is not known.</param>
    /// <param name="error">Why there is no flow; null where there is one.</param>
    public static bool TryDecode(in FlowEntry entry, Func<uint, PortName?> portName, [NotNullWhen(true)] out Flow? flow, [NotNullWhen(false)] out string? error)
    {
        flow = null;
        var match = ReadMatch(entry.Match, portName, out error);
        if (error is not null)
        {
            return false;
        }

        var actions = new List<FlowAction>();
        error = ReadInstructions(entry.Instructions, portName, actions);
        if (error is not null)
        {
            return false;
        }

        flow = new(entry.Table, entry.Priority, match, actions.ToValueList(), entry.Cookie);
        return true;
    }

    private static Match ReadMatch(ReadOnlySpan<byte> bytes, Func<uint, PortName?> portName, out string? error)
    {
        var reader = new WireReader(bytes);
        var narrow = default(OxmParts);
        Span<OxmEntry> parts = narrow;
        var match = Match.Any;
        var fields = new List<OxmEntry>();
        while (!reader.IsEmpty)
        {
            var entry = OxmEntry.Read(ref reader);
            if (reader.Error is not null || entry.IsEthernetPacketType)
            {
                continue;
            }

            if (entry.Field is null)
            {
                reader.Fail($"the flow language has no field {entry.OxmNumber} of OXM class 0x{entry.OxmClass:x4}");
            }
            else if (ReferenceEquals(entry.Field, Field.CtState) && (entry.Mask & ~(UInt128)NamedStates) != 0)
            {
                reader.Fail($"ct_state has no names for the bits 0x{(uint)entry.Mask & ~NamedStates:x}");
            }
            else if (!ReferenceEquals(entry.Field, Field.InPort))
            {
                fields.AddRange(parts[..entry.Narrow(parts)]);
            }
            else if (match.InPort is null && entry.Mask == Field.InPort.FullMask && portName((uint)entry.Value) is { } port)
            {
                match = Match.OnPort(port);
            }
            else
            {
                reader.Fail($"no port has number {(uint)entry.Value}");
            }
        }

        error = reader.Error;
        foreach (var part in fields)
        {
            if (match.Find(part.Field!) is not null)
            {
                error ??= $"{part.Field} is matched twice";
                return match;
            }

            match = match.With(part.Field!, part.Value, part.Mask);
        }

        return match;
    }

    private static string? ReadInstructions(ReadOnlySpan<byte> bytes, Func<uint, PortName?> portName, List<FlowAction> actions)
    {
        var reader = new WireReader(bytes);
        while (!reader.IsEmpty)
        {
            var type = reader.UInt16();
            var length = reader.UInt16();
            var body = reader.Part(length - 4);
            switch (type)
            {
                case InstructionType.ApplyActions when actions.Count == 0:
                    body.Take(4);
                    ReadActions(ref body, portName, actions, 0);
                    break;
                case InstructionType.GotoTable when actions is not [.., GotoTable]:
                    actions.Add(new GotoTable(body.Byte()));
                    body.Take(3);
                    break;
                default:
                    body.Fail($"the flow language has no instruction {type} here");
                    break;
            }

            if (body.Error is { } error)
            {
                reader.Fail(error);
            }
        }

        return reader.Error;
    }

    private static void ReadActions(ref WireReader reader, Func<uint, PortName?> portName, List<FlowAction> actions, int depth)
    {
        while (!reader.IsEmpty)
        {
            var type = reader.UInt16();
            var length = reader.UInt16();
            var body = reader.Part(length - 4);
            if (ReadAction(type, ref body, portName, depth) is { } action && body.Error is null)
            {
                if (depth > 0 && action is not (SetField or Move))
                {
                    body.Fail($"the flow language has no action {type} in ct");
                }

                actions.Add(action);
            }

            if (body.Error is { } error)
            {
                reader.Fail(error);
            }
        }
    }

    private static FlowAction? ReadAction(ushort type, ref WireReader body, Func<uint, PortName?> portName, int depth)
    {
        switch (type)
        {
            case ActionType.Output:
                var number = body.UInt32();
                var bytes = body.UInt16();
                if (number == Protocol.ControllerPort)
                {
                    return bytes == Protocol.WholePacket ? new ToController() : Unknown(ref body, $"output of {bytes} bytes to the controller");
                }

                if (portName(number) is { } port)
                {
                    return new Output(port);
                }

                body.Fail($"no port has number {number}");
                return null;
            case ActionType.SetField:
                var entry = OxmEntry.Read(ref body);
                return entry is { Field: null, OxmClass: 0, OxmNumber: 0 } && entry.Value == 0 ? new ForgetInPort()
                    : entry.Field is null || !SetField.IsWritable(entry.Field) ? Unknown(ref body, $"write of field {entry.OxmNumber} of OXM class 0x{entry.OxmClass:x4}")
                    : entry.Mask == 0 ? Unknown(ref body, "write of no bits")
                    : new SetField(entry.Field, entry.Value, entry.Mask);
            case ActionType.CopyField:
                return ReadCopyField(ref body);
            case ActionType.PushVlan:
                return body.UInt16() == ActionType.VlanEtherType ? new PushVlan() : Unknown(ref body, "tag of this EtherType");
            case ActionType.PopVlan:
                return new PopVlan();
            case ActionType.Meter:
                return new Meter(body.UInt32());
            case ActionType.Experimenter:
                return body.UInt32() == Protocol.Nicira ? ReadNicira(ref body, portName, depth) : Unknown(ref body, "action of this experimenter");
            default:
                return Unknown(ref body, $"action {type}");
        }
    }

    private static FlowAction? ReadNicira(ref WireReader body, Func<uint, PortName?> portName, int depth)
    {
        var subtype = body.UInt16();
        switch (subtype)
        {
            case ActionType.ResubmitTable:
                return body.UInt16() == ActionType.SamePort ? new Resubmit(body.Byte()) : Unknown(ref body, "resubmit with another input port");
            case ActionType.BundleLoad:
                return ReadBundleLoad(ref body, portName);
            case ActionType.Conjunction:
                var clause = body.Byte() + 1;
                var clauses = body.Byte();
                return clauses is >= 2 and <= Conjunction.MaxClauses && clause <= clauses
                    ? new Conjunction(body.UInt32(), (byte)clause, clauses)
                    : Unknown(ref body, $"clause {clause} of {clauses}");
            case ActionType.Controller when depth == 0:
                return ReadLogPacket(ref body);
            case ActionType.Conntrack when depth < MaxDepth:
                return ReadConntrack(ref body, portName, depth);
            default:
                return Unknown(ref body, $"Nicira action {subtype} here");
        }
    }

    private static FlowAction? ReadBundleLoad(ref WireReader body, Func<uint, PortName?> portName)
    {
        var isPlain = body.UInt16() == ActionType.ActiveBackup & body.UInt16() == ActionType.HashByEthSrc & body.UInt16() == 0 & body.UInt32() == ActionType.PortMembers & body.UInt16() == 1;
        var bits = body.UInt16();
        var destination = ReadSubfield(ref body, body.UInt32(), bits >> 6, (bits & 0x3f) + 1);
        body.Take(4);
        var number = body.UInt16();
        body.Take(6);
        if (!isPlain || destination is not { Bits: 16 } to)
        {
            return Unknown(ref body, "such choice among ports");
        }

        // The reserved numbers of 16 bits are those of 32, shortened (OpenFlow 1.5.1, 7.2.1).
        return portName(number < ActionType.FirstReservedPort ? number : 0xffff0000 | number) is { } port ? new BundleLoad(port, to) : Unknown(ref body, $"port with number {number}");
    }

    private static FlowAction? ReadLogPacket(ref WireReader body)
    {
        body.Take(6);
        uint bytes = 0, id = 0, meter = 0;
        while (!body.IsEmpty)
        {
            var type = body.UInt16();
            var property = body.Part(body.UInt16() - 4);
            switch (type)
            {
                case ActionType.ControllerBytes:
                    bytes = property.UInt16();
                    break;
                case ActionType.ControllerId:
                    id = property.UInt16();
                    break;
                case ActionType.ControllerMeter:
                    meter = property.UInt32();
                    break;
                default:
                    return Unknown(ref body, $"property {type} of packets to a controller");
            }

            if (property.Error is { } error)
            {
                body.Fail(error);
            }
        }

        return bytes == PacketLog.HeadBytes && id == PacketLog.ControllerId && meter > 0
            ? new LogPacket(meter)
            : Unknown(ref body, $"{bytes} bytes to the controller {id} by meter {meter}");
    }

    private static Move? ReadCopyField(ref WireReader body)
    {
        var bits = body.UInt16();
        var sourceOffset = body.UInt16();
        var destinationOffset = body.UInt16();
        body.Take(2);
        var source = ReadSubfield(ref body, body.UInt32(), sourceOffset, bits);
        var destination = ReadSubfield(ref body, body.UInt32(), destinationOffset, bits);
        return source is { } from && destination is { } to ? new(from, to) : null;
    }

    private static Conntrack? ReadConntrack(ref WireReader body, Func<uint, PortName?> portName, int depth)
    {
        var flags = body.UInt16();
        var zoneHeader = body.UInt32();
        var zoneRange = body.UInt16();
        var table = body.Byte();
        body.Take(3);
        var alg = body.UInt16();
        var zone = ReadSubfield(ref body, zoneHeader, zoneRange >> 6, (zoneRange & 0x3f) + 1);
        if ((flags & ~ActionType.ConntrackCommit) != 0 || alg != 0)
        {
            body.Fail("the flow language has no forced commit and no application gateway");
        }

        var exec = new List<FlowAction>();
        ReadActions(ref body, portName, exec, depth + 1);
        return body.Error is null && zone is { } from
            ? new((flags & ActionType.ConntrackCommit) != 0, from, table == ActionType.NoRecirculation ? null : table, exec.ToValueList())
            : null;
    }

    private static Subfield? ReadSubfield(ref WireReader body, uint header, int offset, int bits)
    {
        var field = OxmEntry.FindField(header);
        if (field is not null && field.NxmName.Length > 0 && bits > 0 && offset + bits <= field.Bits && body.Error is null)
        {
            return new(field, offset, bits);
        }

        body.Fail($"bits {offset} to {offset + bits - 1} of field 0x{header:x8}");
        return null;
    }

    private static FlowAction? Unknown(ref WireReader body, string what)
    {
        body.Fail($"the flow language has no {what}");
        return null;
    }
}
