using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Flows;

/// <summary>Reads what <see cref="FlowText"/> prints. Anything else is a <see cref="FormatException"/> that says what was met.</summary>
public static class FlowTextParser
{
    /// <summary>Longest line that is read: a flow's actions take at most 64 KB in OpenFlow.</summary>
    public const int MaxLineLength = 1 << 20;

    private static readonly string LogPacketStart = string.Create(CultureInfo.InvariantCulture, $"controller(max_len={PacketLog.HeadBytes},id={PacketLog.ControllerId},meter_id=");

    /// <exception cref="FormatException">The line is no flow.</exception>
    public static Flow Parse(string line)
    {
        if (line.Length > MaxLineLength)
        {
            throw new FormatException($"a flow of {line.Length} characters is too long");
        }

        try
        {
            return ParseFlow(line);
        }
        catch (ArgumentException e)
        {
            // Matches and actions refuse what makes no sense; here it came from the text.
            throw new FormatException($"{e.Message} in '{line}'", e);
        }
    }

    private static Flow ParseFlow(string line)
    {
        var actionsAt = line.IndexOf("actions=", StringComparison.Ordinal);
        if (actionsAt < 0)
        {
            throw new FormatException($"no actions in '{line}'");
        }

        ulong? cookie = null;
        byte? table = null;
        ushort? priority = null;
        var match = Match.Any;
        foreach (var part in Split(line[..actionsAt].TrimEnd(',', ' ')))
        {
            var equals = part.IndexOf('=');
            var (name, value) = equals < 0 ? (part, "") : (part[..equals], part[(equals + 1)..]);
            switch (name)
            {
                case "cookie" when cookie is null:
                    cookie = (ulong)ParseNumber(value, ulong.MaxValue);
                    break;
                case "table" when table is null:
                    table = (byte)ParseNumber(value, byte.MaxValue);
                    break;
                case "priority" when priority is null:
                    priority = (ushort)ParseNumber(value, ushort.MaxValue);
                    break;
                default:
                    match = AddToMatch(match, name, equals < 0 ? null : value);
                    break;
            }
        }

        if (cookie is null || table is null || priority is null)
        {
            throw new FormatException($"a flow names its cookie, table and priority: '{line}'");
        }

        return new(table.Value, priority.Value, match, ParseActions(line[(actionsAt + "actions=".Length)..]), cookie.Value);
    }

    private static Match AddToMatch(Match match, string name, string? value)
    {
        if (name == "in_port" && value is not null)
        {
            var port = PortName.Parse(Unquote(value));
            return match.Fields.Length == 0 ? Match.OnPort(port) : throw new FormatException("in_port comes first in a match");
        }

        if (value is null)
        {
            var protocol = Array.Find(FlowText.Protocols, p => p.Name == name);
            if (protocol.Name is null)
            {
                throw new FormatException($"'{name}' is no protocol");
            }

            match = match.With(Field.EthType, protocol.EthType);
            return protocol.IpProto is { } ipProto ? match.With(Field.IpProto, ipProto) : match;
        }

        var field = Field.Find(name) ?? throw new FormatException($"'{name}' is no field");
        var (bits, mask) = ParseValue(field, value);
        return mask == 0 ? throw new FormatException($"'{name}={value}' matches everything") : match.With(field, bits, mask);
    }

    private static ValueList<FlowAction> ParseActions(string text) => text == "drop" ? ValueList<FlowAction>.Empty : Split(text).Select(ParseAction).ToValueList();

    private static FlowAction ParseAction(string text)
    {
        if (text == FlowText.ForgetInPort)
        {
            return new ForgetInPort();
        }

        if (TryParseWrite(text) is { } write)
        {
            return write;
        }

        if (text == "pop_vlan")
        {
            return new PopVlan();
        }

        if (text == "push_vlan:0x8100")
        {
            return new PushVlan();
        }

        if (text == "CONTROLLER:65535")
        {
            return new ToController();
        }

        if (Call(text, LogPacketStart) is { } logMeter)
        {
            return new LogPacket((uint)ParseNumber(logMeter, uint.MaxValue));
        }

        if (After(text, "meter:") is { } meter)
        {
            return new Meter((uint)ParseNumber(meter, uint.MaxValue));
        }

        if (After(text, "output:") is { } port)
        {
            return new Output(PortName.Parse(Unquote(port)));
        }

        if (After(text, "goto_table:") is { } next)
        {
            return new GotoTable((byte)ParseNumber(next, byte.MaxValue));
        }

        if (Call(text, "resubmit(,") is { } table)
        {
            return new Resubmit((byte)ParseNumber(table, byte.MaxValue));
        }

        if (Call(text, FlowText.BundleLoadStart) is { } load)
        {
            return ParseBundleLoad(load);
        }

        if (Call(text, "conjunction(") is { } conjunction)
        {
            return ParseConjunction(conjunction);
        }

        return Call(text, "ct(") is { } ct ? ParseConntrack(ct) : throw new FormatException($"'{text}' is no action");
    }

    /// <summary>The actions that ct(exec()) may hold too.</summary>
    private static FlowAction? TryParseWrite(string text)
    {
        if (After(text, "set_field:") is { } set)
        {
            var (value, name) = Arrow(set);
            var field = Field.Find(name) is { Format: not FieldFormat.Port } known ? known : throw new FormatException($"'{name}' is no field to set");
            var (bits, mask) = ParseValue(field, value);
            return new SetField(field, bits, mask);
        }

        if (After(text, "move:") is { } move)
        {
            var (source, destination) = Arrow(move);
            return new Move(ParseSubfield(source), ParseSubfield(destination));
        }

        return null;
    }

    private static BundleLoad ParseBundleLoad(string text)
    {
        var member = text.IndexOf(FlowText.BundleLoadMember, StringComparison.Ordinal);
        return member > 0
            ? new(PortName.Parse(Unquote(text[(member + FlowText.BundleLoadMember.Length)..])), ParseSubfield(text[..member]))
            : throw new FormatException($"'bundle_load(...,{text})' has no members");
    }

    private static Conjunction ParseConjunction(string text)
    {
        var comma = text.IndexOf(',');
        var slash = text.IndexOf('/');
        return comma > 0 && slash > comma
            ? new((uint)ParseNumber(text[..comma], uint.MaxValue), (byte)ParseNumber(text[(comma + 1)..slash], byte.MaxValue), (byte)ParseNumber(text[(slash + 1)..], byte.MaxValue))
            : throw new FormatException($"'conjunction({text})' is not conjunction(id,clause/clauses)");
    }

    private static Conntrack ParseConntrack(string text)
    {
        var commit = false;
        byte? table = null;
        Subfield? zone = null;
        var exec = ValueList<FlowAction>.Empty;
        foreach (var part in Split(text))
        {
            if (part == "commit")
            {
                commit = true;
            }
            else if (After(part, "table=") is { } number)
            {
                table = (byte)ParseNumber(number, byte.MaxValue);
            }
            else if (After(part, "zone=") is { } subfield)
            {
                zone = ParseSubfield(subfield);
            }
            else if (Call(part, "exec(") is { } actions)
            {
                exec = Split(actions).Select(a => TryParseWrite(a) ?? throw new FormatException($"ct(exec) cannot do '{a}'")).ToValueList();
            }
            else
            {
                throw new FormatException($"'{part}' is no argument of ct");
            }
        }

        return new(commit, zone ?? throw new FormatException("ct names no zone"), table, exec);
    }

    private static Subfield ParseSubfield(string text)
    {
        var bracket = text.IndexOf('[');
        if (bracket < 0 || text[^1] != ']')
        {
            throw new FormatException($"'{text}' is no subfield");
        }

        var field = FieldNames.Find(text[..bracket]) ?? throw new FormatException($"'{text[..bracket]}' is no field");
        var range = text[(bracket + 1)..^1];
        if (range.Length == 0)
        {
            return Subfield.Whole(field);
        }

        var dots = range.IndexOf("..", StringComparison.Ordinal);
        var first = (int)ParseNumber(dots < 0 ? range : range[..dots], 127);
        var last = dots < 0 ? first : (int)ParseNumber(range[(dots + 2)..], 127);
        return first <= last && last < field.Bits ? new(field, first, last - first + 1) : throw new FormatException($"'{text}' is outside the field");
    }

    private static (UInt128 Value, UInt128 Mask) ParseValue(Field field, string text)
    {
        if (field.Format == FieldFormat.CtState)
        {
            return ParseCtState(text);
        }

        var slash = text.IndexOf('/');
        var value = ParseScalar(field, slash < 0 ? text : text[..slash]);
        if (slash < 0)
        {
            return (value, field.FullMask);
        }

        var maskText = text[(slash + 1)..];
        var isLength = field.Format is FieldFormat.IPv4 or FieldFormat.IPv6 && maskText.All(char.IsAsciiDigit);
        var mask = isLength ? LengthMask((int)ParseNumber(maskText, (uint)field.Bits), field.Bits) : ParseScalar(field, maskText);
        return (value & ~mask) == 0 ? (value, mask) : throw new FormatException($"'{field}={text}' has bits outside its mask");
    }

    private static UInt128 LengthMask(int length, int bits) => length == 0 ? 0 : (UInt128.MaxValue << (128 - length)) >> (128 - bits);

    private static (UInt128 Value, UInt128 Mask) ParseCtState(string text)
    {
        UInt128 value = 0;
        UInt128 mask = 0;
        for (var i = 0; i < text.Length;)
        {
            var bit = Array.Find(FlowText.CtStateBits, b => string.CompareOrdinal(text, i + 1, b.Name, 0, b.Name.Length) == 0);
            if (bit.Name is null || text[i] is not ('+' or '-') || (mask & bit.Bit) != 0)
            {
                throw new FormatException($"'{text}' is no ct_state");
            }

            mask |= bit.Bit;
            value |= text[i] == '+' ? bit.Bit : 0u;
            i += 1 + bit.Name.Length;
        }

        return (value, mask);
    }

    private static UInt128 ParseScalar(Field field, string text)
    {
        switch (field.Format)
        {
            case FieldFormat.Mac:
                return MacAddress.Parse(text).Bits;
            case FieldFormat.IPv4:
                var v4 = IpAddress.Parse(text);
                return v4.IsIPv4 ? v4.IPv4Bits : throw new FormatException($"'{text}' is not IPv4");
            case FieldFormat.IPv6:
                return ParseIPv6(text);
            default:
                return ParseNumber(text, field.FullMask);
        }
    }

    private static UInt128 ParseIPv6(string text)
    {
        if (text.Contains('%') || text.Contains('[') || !IPAddress.TryParse(text, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            throw new FormatException($"'{text}' is not IPv6");
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private static UInt128 ParseNumber(string text, UInt128 max)
    {
        var hex = text.StartsWith("0x", StringComparison.Ordinal);
        var parsed = UInt128.TryParse(hex ? text.AsSpan(2) : text, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        return parsed && value <= max ? value : throw new FormatException($"'{text}' is not a number up to {max}");
    }

    private static string? After(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;

    /// <summary>What stands between a prefix and the closing bracket at the end.</summary>
    private static string? Call(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) && text.Length > prefix.Length && text[^1] == ')' ? text[prefix.Length..^1] : null;

    private static (string Left, string Right) Arrow(string text)
    {
        var at = text.IndexOf("->", StringComparison.Ordinal);
        return at < 0 ? throw new FormatException($"no '->' in '{text}'") : (text[..at], text[(at + 2)..]);
    }

    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : throw new FormatException($"a port is written in quotes: '{text}'");

    /// <summary>Splits at the commas that stand in no brackets and no quotes. No part is empty.</summary>
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var depth = 0;
        var quoted = false;
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ',';
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && (c is '(' or ')'))
            {
                depth += c == '(' ? 1 : -1;
            }
            else if (i == text.Length || (c == ',' && !quoted && depth == 0))
            {
                parts.Add(i > start && depth == 0 ? text[start..i].Trim() : throw new FormatException($"a part is missing or open in '{text}'"));
                start = i + 1;
            }
        }

        return parts;
    }
}
