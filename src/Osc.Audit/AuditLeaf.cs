using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Osc.Audit.Merkle;

namespace Osc.Audit;

/// <summary>
/// The canonical bytes of a record: equal records give equal bytes, different records different ones, for ever. They are what
/// is hashed, never what is stored or sent. Version 1, integers big-endian:
/// <code>
/// u8      version = 1
/// i64     sequence
/// i64     time, microseconds since 1970-01-01T00:00:00Z
/// i64     revision
/// string  actor, address, request id, action, tenant, kind, name, reason, outcome    u32 length in bytes, UTF-8
/// string? before, after                                                              u8 0 = absent, or u8 1 and a string
/// </code>
/// A field is added by a new version, and old records keep theirs.
/// </summary>
public static class AuditLeaf
{
    public const byte Version = 1;

    /// <summary>The hash of a record as a leaf.</summary>
    /// <param name="record">A record with its sequence number.</param>
    public static TreeHash HashOf(AuditRecord record) => TreeHash.OfLeaf(Write(record).WrittenSpan);

    /// <param name="record">A record with its sequence number.</param>
    public static byte[] Encode(AuditRecord record) => Write(record).WrittenSpan.ToArray();

    private static ArrayBufferWriter<byte> Write(AuditRecord record)
    {
        var leaf = new ArrayBufferWriter<byte>(256);
        Write(leaf, Version);
        Write(leaf, record.Sequence);
        Write(leaf, MicrosecondsOf(record.Time));
        Write(leaf, record.Revision.Number);
        foreach (var text in (ReadOnlySpan<string>)
            [record.Actor, record.Address, record.RequestId, record.Action, record.Tenant, record.Kind, record.Name, record.Reason, record.Outcome])
        {
            Write(leaf, text);
        }

        WriteOptional(leaf, record.Before);
        WriteOptional(leaf, record.After);
        return leaf;
    }

    private static long MicrosecondsOf(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static void Write(ArrayBufferWriter<byte> leaf, byte value)
    {
        leaf.GetSpan(1)[0] = value;
        leaf.Advance(1);
    }

    private static void Write(ArrayBufferWriter<byte> leaf, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(leaf.GetSpan(sizeof(long)), value);
        leaf.Advance(sizeof(long));
    }

    private static void Write(ArrayBufferWriter<byte> leaf, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var span = leaf.GetSpan(sizeof(uint) + length);
        BinaryPrimitives.WriteUInt32BigEndian(span, (uint)length);
        Encoding.UTF8.GetBytes(text, span[sizeof(uint)..]);
        leaf.Advance(sizeof(uint) + length);
    }

    private static void WriteOptional(ArrayBufferWriter<byte> leaf, string? text)
    {
        Write(leaf, (byte)(text is null ? 0 : 1));
        if (text is not null)
        {
            Write(leaf, text);
        }
    }
}
