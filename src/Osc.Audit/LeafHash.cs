using System.Security.Cryptography;

namespace Osc.Audit;

/// <summary>The hash of a record as a leaf of a Merkle tree: SHA-256(0x00 || leaf), RFC 9162 section 2.1.1. Lower-case hexadecimal.</summary>
public readonly record struct LeafHash
{
    /// <summary>Tells leaves from inner nodes (0x01), so that neither can be passed off as the other.</summary>
    private const byte LeafPrefix = 0x00;

    private readonly string? hex;

    private LeafHash(string hex) => this.hex = hex;

    public static LeafHash Of(AuditRecord record) => OfLeaf(AuditLeaf.Encode(record));

    /// <param name="leaf">A record's canonical bytes (<see cref="AuditLeaf"/>).</param>
    public static LeafHash OfLeaf(ReadOnlySpan<byte> leaf)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData([LeafPrefix]);
        sha.AppendData(leaf);
        return new(Convert.ToHexStringLower(sha.GetHashAndReset()));
    }

    /// <summary>The 32 bytes.</summary>
    /// <exception cref="InvalidOperationException">This is a default value.</exception>
    public byte[] ToBytes() => Convert.FromHexString(hex ?? throw new InvalidOperationException("a default LeafHash has no value"));

    public override string ToString() => hex ?? "";
}
