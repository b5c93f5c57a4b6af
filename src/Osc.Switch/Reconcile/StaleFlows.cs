using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>Keeps what is needed to delete flows exactly: table, priority and match as the switch wrote them, one after the other in one buffer.</summary>
internal sealed class StaleFlows : IDisposable
{
    private readonly MessageBuffer buffer = new(256);

    public int Count { get; private set; }

    public void Add(in FlowEntry entry)
    {
        buffer.Byte(entry.Table);
        buffer.UInt16(entry.Priority);
        buffer.UInt64(entry.Cookie);
        buffer.UInt16((ushort)entry.Match.Length);
        buffer.Bytes(entry.Match);
        Count++;
    }

    /// <summary>The flow at an offset, which moves on to the next one; the first is at 0.</summary>
    public FlowEntry Next(ref int offset)
    {
        var reader = new WireReader(buffer.Written[offset..]);
        var before = reader.Left;
        var table = reader.Byte();
        var priority = reader.UInt16();
        var cookie = reader.UInt64();
        var match = reader.Take(reader.UInt16());
        offset += before - reader.Left;
        return new() { Table = table, Priority = priority, Cookie = cookie, IsPlain = true, Match = match, Instructions = default };
    }

    public void Dispose() => buffer.Dispose();
}
