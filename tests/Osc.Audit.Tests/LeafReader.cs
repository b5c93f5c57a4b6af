using System.Buffers.Binary;
using System.Text;

namespace Osc.Audit.Tests;

/// <summary>Reads a leaf back, so that tests know that nothing is lost in it.</summary>
internal ref struct LeafReader
{
    private ReadOnlySpan<byte> rest;

    private LeafReader(ReadOnlySpan<byte> leaf) => rest = leaf;

    public static AuditRecord Read(ReadOnlySpan<byte> leaf)
    {
        var reader = new LeafReader(leaf);
        if (reader.Byte() != AuditLeaf.Version)
        {
            throw new InvalidDataException("another version");
        }

        var record = new AuditRecord
        {
            Sequence = reader.Number(),
            Time = DateTimeOffset.UnixEpoch.AddMicroseconds(reader.Number()),
            Revision = new(reader.Number()),
            Actor = reader.Text(),
            Address = reader.Text(),
            RequestId = reader.Text(),
            Action = reader.Text(),
            Tenant = reader.Text(),
            Kind = reader.Text(),
            Name = reader.Text(),
            Reason = reader.Text(),
            Outcome = reader.Text(),
            Before = reader.Optional(),
            After = reader.Optional(),
        };

        return reader.rest.IsEmpty ? record : throw new InvalidDataException("bytes left over");
    }

    private byte Byte() => Take(1)[0];

    private long Number() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

    private string Text() => Encoding.UTF8.GetString(Take((int)BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)))));

    private string? Optional() => Byte() switch
    {
        0 => null,
        1 => Text(),
        _ => throw new InvalidDataException("neither absent nor present"),
    };

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
