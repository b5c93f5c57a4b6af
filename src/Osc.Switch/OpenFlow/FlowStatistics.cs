namespace Osc.Switch.OpenFlow;

/// <summary>How long a flow has been there, and what it has met (struct ofp_stats, OpenFlow 1.5.1 section 7.2.4).</summary>
public readonly record struct FlowStatistics(TimeSpan Age, ulong Packets, ulong Bytes)
{
    private const ushort BasicClass = 0x8002;
    private const int Duration = 0;
    private const int PacketCount = 4;
    private const int ByteCount = 5;

    /// <summary>
    /// Reads it; fields that are not asked for are left out.
    /// <code>
    ///  pad:16 length:16  ( class:16 field:7 reserved:1 length:8  value )*  padding to 8
    /// </code>
    /// </summary>
    internal static FlowStatistics Read(scoped ref WireReader reader)
    {
        reader.Take(2);
        var length = reader.UInt16();
        if (length < 4)
        {
            reader.Fail($"statistics of {length} bytes");
        }

        var fields = reader.Part(length - 4);
        reader.Take(-length & 7);
        var statistics = default(FlowStatistics);
        while (!fields.IsEmpty)
        {
            var oxsClass = fields.UInt16();
            var field = fields.Byte() >> 1;
            var value = fields.Part(fields.Byte());
            statistics = (oxsClass == BasicClass ? field : -1) switch
            {
                Duration => statistics with { Age = TimeSpan.FromSeconds(value.UInt32()) + TimeSpan.FromMicroseconds(value.UInt32() / 1000) },
                PacketCount => statistics with { Packets = value.UInt64() },
                ByteCount => statistics with { Bytes = value.UInt64() },
                _ => statistics,
            };
            if (value.Error is { } error)
            {
                fields.Fail(error);
            }
        }

        if (fields.Error is { } malformed)
        {
            reader.Fail(malformed);
        }

        return statistics;
    }
}
