using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Osc.Audit.Merkle;

/// <summary>A node of the Merkle tree of RFC 9162, section 2.1.1, over SHA-256. As text: base64, 44 characters.</summary>
public readonly record struct TreeHash
{
    /// <summary>In bytes.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>Tell leaves from inner nodes, so that neither can be passed off as the other.</summary>
    private const byte LeafPrefix = 0x00, NodePrefix = 0x01;

    private const int StackBytes = 1_024;

    /// <summary>The root of a tree without leaves: the hash of nothing.</summary>
    public static readonly TreeHash Empty = From(SHA256.HashData([]));

    private readonly ulong first, second, third, fourth;

    private TreeHash(ReadOnlySpan<byte> bytes)
    {
        first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <exception cref="ArgumentException">They are not <see cref="Length"/> bytes.</exception>
    public static TreeHash From(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Length ? new(bytes) : throw new ArgumentException($"a hash has {Length} bytes, not {bytes.Length}", nameof(bytes));

    /// <summary>SHA-256(0x00 || leaf).</summary>
    /// <param name="leaf">A record's canonical bytes (<see cref="AuditLeaf"/>).</param>
    public static TreeHash OfLeaf(ReadOnlySpan<byte> leaf)
    {
        var length = leaf.Length + 1;
        var rented = length > StackBytes ? ArrayPool<byte>.Shared.Rent(length) : null;
        var bytes = rented is null ? stackalloc byte[StackBytes] : rented;
        bytes[0] = LeafPrefix;
        leaf.CopyTo(bytes[1..]);
        var hash = Hash(bytes[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    /// <summary>SHA-256(0x01 || left || right).</summary>
    public static TreeHash OfNode(TreeHash left, TreeHash right)
    {
        Span<byte> bytes = stackalloc byte[1 + Length + Length];
        bytes[0] = NodePrefix;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Length)..]);
        return Hash(bytes);
    }

    public static bool TryParse(string? text, out TreeHash hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var isHash = text?.Length == (Length + 2) / 3 * 4 && Convert.TryFromBase64String(text, bytes, out var written) && written == Length;
        hash = isHash ? new(bytes) : default;
        return isHash && hash.ToString() == text;
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, first);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], second);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], third);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], fourth);
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    public override string ToString() => Convert.ToBase64String(ToBytes());

    private static TreeHash Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Length];
        SHA256.HashData(bytes, hash);
        return new(hash);
    }
}
