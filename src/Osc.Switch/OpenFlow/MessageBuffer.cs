using System.Buffers;
using System.Buffers.Binary;

namespace Osc.Switch.OpenFlow;

/// <summary>A growing buffer of pooled memory that messages are written into, big-endian, with lengths filled in afterwards.</summary>
public sealed class MessageBuffer : IBufferWriter<byte>, IDisposable
{
    private byte[] bytes;

    public MessageBuffer(int capacity = 4096) => bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    /// <summary>As <see cref="Written"/>, for asynchronous use: valid until the next write.</summary>
    public ReadOnlyMemory<byte> Memory => bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Drops what was written after <paramref name="length"/>.</summary>
    public void Truncate(int length) => Length = length <= Length ? length : throw new ArgumentOutOfRangeException(nameof(length));

    /// <summary>The next <paramref name="count"/> bytes, zeroed, to be filled in at once.</summary>
    public Span<byte> Append(int count)
    {
        Reserve(count);
        var span = bytes.AsSpan(Length, count);
        span.Clear();
        Length += count;
        return span;
    }

    public void Byte(byte value)
    {
        Reserve(1);
        bytes[Length++] = value;
    }

    public void UInt16(ushort value)
    {
        Reserve(2);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Length), value);
        Length += 2;
    }

    public void UInt32(uint value)
    {
        Reserve(4);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(Length), value);
        Length += 4;
    }

    public void UInt64(ulong value)
    {
        Reserve(8);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(Length), value);
        Length += 8;
    }

    /// <summary>The low <paramref name="count"/> bytes of a number, up to 16.</summary>
    public void Number(UInt128 value, int count)
    {
        Span<byte> all = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(all, value);
        Bytes(all[(16 - count)..]);
    }

    public void Bytes(ReadOnlySpan<byte> source)
    {
        Reserve(source.Length);
        source.CopyTo(bytes.AsSpan(Length));
        Length += source.Length;
    }

    /// <summary>Zeroes up to the next multiple of 8 bytes after <paramref name="start"/>.</summary>
    public void PadFrom(int start) => Append(-(Length - start) & 7);

    /// <summary>Fills in a length that was not known when its place was written.</summary>
    /// <exception cref="OverflowException">The length needs more than 16 bits.</exception>
    public void SetLength(int at, int length) => BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), checked((ushort)length));

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, bytes.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
        Length = 0;
    }

    private void Reserve(int count)
    {
        if (bytes.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(bytes.Length * 2, Length + count));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }
    }
}
