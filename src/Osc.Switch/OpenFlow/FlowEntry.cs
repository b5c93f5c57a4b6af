using Osc.Flows;

namespace Osc.Switch.OpenFlow;

/// <summary>One flow in OpenFlow's own bytes: what an encoder makes of a <see cref="Flow"/>, or what a switch dumps.</summary>
public readonly ref struct FlowEntry
{
    public required byte Table { get; init; }

    public required ushort Priority { get; init; }

    public required ulong Cookie { get; init; }

    /// <summary>Whether the flow has no timeout, no importance, and the flags that its cookie asks for. Ours always are.</summary>
    public required bool IsPlain { get; init; }

    /// <summary>OXM entries, without header and padding.</summary>
    public required ReadOnlySpan<byte> Match { get; init; }

    public required ReadOnlySpan<byte> Instructions { get; init; }

    /// <summary>What a dump says of its use; nothing for a flow that is to be written.</summary>
    public FlowStatistics Statistics { get; init; }

    /// <summary>Bytes of an OpenFlow match structure around <see cref="Match"/>: its 4-byte header and padding to 8 bytes.</summary>
    internal int PaddedMatchBytes => (4 + Match.Length + 7) & ~7;

    /// <summary>
    /// Reads one entry of a flow description reply (struct ofp_flow_desc, OpenFlow 1.5.1 section 7.3.5.2). Only the frame is
    /// checked; <see cref="FlowDecoder"/> and the comparison read match and instructions.
    /// </summary>
    public static FlowEntry Read(ref WireReader reader)
    {
        var length = reader.UInt16();
        var entry = reader.Part(length - 2);
        entry.Take(2);
        var table = entry.Byte();
        entry.Take(1);
        var priority = entry.UInt16();
        var idleTimeout = entry.UInt16();
        var hardTimeout = entry.UInt16();
        var flags = entry.UInt16();
        var importance = entry.UInt16();
        var cookie = entry.UInt64();
        var match = ReadMatch(ref entry);
        var statistics = FlowStatistics.Read(ref entry);
        var instructions = entry.Take(entry.Left);
        if (entry.Error is not null)
        {
            reader.Fail($"a flow entry is cut short: {entry.Error}");
        }

        return new()
        {
            Table = table,
            Priority = priority,
            Cookie = cookie,
            IsPlain = (idleTimeout | hardTimeout | importance) == 0 && flags == FlowMod.FlagsOf(cookie),
            Match = match,
            Instructions = instructions,
            Statistics = statistics,
        };
    }

    internal static ReadOnlySpan<byte> ReadMatch(scoped ref WireReader entry)
    {
        var type = entry.UInt16();
        var length = entry.UInt16();
        if (type != Protocol.OxmMatch || length < 4)
        {
            entry.Fail($"match type {type} of {length} bytes");
        }

        var match = entry.Take(length - 4);
        entry.Take(-length & 7);
        return match;
    }
}
