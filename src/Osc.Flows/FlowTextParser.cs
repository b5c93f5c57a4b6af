using System.Globalization;
using Osc.Model;

namespace Osc.Flows;

/// <summary>Reads what <see cref="FlowText"/> prints. Anything else is a <see cref="FormatException"/> that says what was met.</summary>
public static class FlowTextParser
{
    /// <summary>Longest line that is read: a flow's actions take at most 64 KB in OpenFlow.</summary>
    public const int MaxLineLength = 1 << 20;

    /// <exception cref="FormatException">The line is no flow.</exception>
    public static Flow Parse(string line)
    {
        if (line.Length > MaxLineLength)
        {
            throw new FormatException($"a flow of {line.Length} characters is too long");
        }

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
                case "cookie":
                    cookie = (ulong)ParseNumber(value, ulong.MaxValue);
                    break;
                case "table":
                    table = (byte)ParseNumber(value, byte.MaxValue);
                    break;
                case "priority":
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
        try
        {
            return match.With(field, bits, mask);
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static ValueList<FlowAction> ParseActions(string text) => text == "drop" ? ValueList<FlowAction>.Empty : Split(text).Select(ParseAction).ToValueList();

    private static FlowAction ParseAction(string text)
    {
        if (text == "pop_vlan")
        {
            return new PopVlan();
        }

        if (text == "push_vlan:0x8100")
        {
            return new PushVlan();
        }

        if (After(text, "output:") is { } port)
        {
            return new Output(PortName.Parse(Unquote(port)));
        }

        if (After(text, "goto_table:") is { } next)
        {
            return new GotoTable((byte)ParseNumber(next, byte.MaxValue));
        }

        if (After(text, "resubmit(,") is { } table)
        {
            return new Resubmit((byte)ParseNumber(table.TrimEnd(')'), byte.MaxValue));
        }

        if (After(text, "set_field:") is { } set)
        {
            var (value, name) = Arrow(set);
            var field = Field.Find(name) ?? throw new FormatException($"'{name}' is no field");
            var (bits, mask) = ParseValue(field, value);
            return new SetField(field, bits, mask);
        }

        if (After(text, "move:") is { } move)
        {
            var (source, destination) = Arrow(move);
            return new Move(ParseSubfield(source), ParseSubfield(destination));
        }

        if (After(text, "conjunction(") is { } conjunction)
        {
            return ParseConjunction(conjunction);
        }

        return After(text, "ct(") is { } ct && ct.EndsWith(')') ? ParseConntrack(ct[..^1]) : throw new FormatException($"'{text}' is no action");
    }

    private static Conjunction ParseConjunction(string text)
    {
        var parts = text.TrimEnd(')').Split(',', '/');
        return parts.Length == 3
            ? new((uint)ParseNumber(parts[0], uint.MaxValue), (byte)ParseNumber(parts[1], byte.MaxValue), (byte)ParseNumber(parts[2], byte.MaxValue))
            : throw new FormatException($"'conjunction({text}' is not conjunction(id,clause/clauses)");
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
            else if (After(part, "exec(") is { } actions && actions.EndsWith(')'))
            {
                exec = ParseActions(actions[..^1]);
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
        for (var i = 0; i < text.Length; i += 4)
        {
            var length = Math.Min(3, text.Length - i - 1);
            var name = text.Substring(i + 1, length);
            var bit = Array.Find(FlowText.CtStateBits, b => name.StartsWith(b.Name[..Math.Min(3, b.Name.Length)], StringComparison.Ordinal));
            if (bit.Name is null || text[i] is not ('+' or '-'))
            {
                throw new FormatException($"'{text}' is no ct_state");
            }

            mask |= bit.Bit;
            value |= text[i] == '+' ? bit.Bit : 0u;
            i += bit.Name.Length - 3;
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
                var v6 = IpAddress.Parse(text);
                return v6.IsIPv4 ? throw new FormatException($"'{text}' is not IPv6") : v6.Bits;
            default:
                return ParseNumber(text, field.FullMask);
        }
    }

    private static UInt128 ParseNumber(string text, UInt128 max)
    {
        var hex = text.StartsWith("0x", StringComparison.Ordinal);
        var parsed = UInt128.TryParse(hex ? text.AsSpan(2) : text, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        return parsed && value <= max ? value : throw new FormatException($"'{text}' is not a number up to {max}");
    }

    private static string? After(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;

    private static (string Left, string Right) Arrow(string text)
    {
        var at = text.IndexOf("->", StringComparison.Ordinal);
        return at < 0 ? throw new FormatException($"no '->' in '{text}'") : (text[..at], text[(at + 2)..]);
    }

    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : throw new FormatException($"a port is written in quotes: '{text}'");

    /// <summary>Splits at the commas that stand in no brackets and no quotes.</summary>
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var depth = 0;
        var quoted = false;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    quoted = !quoted;
                    break;
                case '(' when !quoted:
                    depth++;
                    break;
                case ')' when !quoted:
                    depth--;
                    break;
                case ',' when !quoted && depth == 0:
                    parts.Add(text[start..i]);
                    start = i + 1;
                    break;
            }
        }

        if (start < text.Length)
        {
            parts.Add(text[start..]);
        }

        return parts;
    }
}
