using System.Buffers.Binary;

namespace Osc.Switch.OpenFlow;

/// <summary>
/// Reads big-endian values off the wire, in bounds. The first failure sticks: from then on the reader is empty and every
/// read gives zero, so that a decoder reads straight through and asks for <see cref="Error"/> once, at its end.
/// </summary>
public ref struct WireReader
{
    private ReadOnlySpan<byte> rest;

    public WireReader(ReadOnlySpan<byte> bytes) => rest = bytes;

    /// <summary>What was wrong first, for people; null while nothing is.</summary>
    public string? Error { get; private set; }

    public readonly int Left => rest.Length;

    public readonly bool IsEmpty => rest.IsEmpty;

    public byte Byte()
    {
        var bytes = Take(1);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    public ushort UInt16()
    {
        var bytes = Take(2);
        return bytes.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    public uint UInt32()
    {
        var bytes = Take(4);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public ulong UInt64()
    {
        var bytes = Take(8);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    /// <summary>A number of up to 16 bytes.</summary>
    public UInt128 Number(int bytes)
    {
        UInt128 number = 0;
        foreach (var b in Take(bytes))
        {
            number = (number << 8) | b;
        }

        return number;
    }

    /// <summary>The next <paramref name="count"/> bytes; none at all, and a failure, where so many are not left.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > rest.Length)
        {
            Fail($"{count} bytes wanted where {rest.Length} are left");
            return default;
        }

        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    /// <summary>A reader of the next <paramref name="count"/> bytes, which this one leaves behind.</summary>
    public WireReader Part(int count) => new(Take(count));

    public void Fail(string error)
    {
        Error ??= error;
        rest = default;
    }
}
