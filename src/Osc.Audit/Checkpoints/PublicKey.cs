using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Osc.Model;

namespace Osc.Audit.Checkpoints;

/// <summary>
/// Verifies signatures of notes: ECDSA over P-256 and SHA-256, signature type 2 of C2SP's signed-note. As text, a "vkey":
/// <c>NAME+ID+BASE64(0x02 || SubjectPublicKeyInfo)</c>, with the id in hexadecimal.
/// </summary>
/// <param name="Spki">DER.</param>
public sealed record PublicKey(string Name, ValueList<byte> Spki)
{
    internal const byte Ecdsa = 0x02;

    private const int CoordinateBits = 256;

    /// <summary>The first four bytes of the SHA-256 of the key in DER, as the specification has it for this type.</summary>
    public uint Id => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Spki.AsSpan()));

    public static bool TryParse(string text, [NotNullWhen(true)] out PublicKey? key)
    {
        var parts = text.Split('+', 3);
        var bytes = new byte[text.Length];
        key = parts.Length == 3 && NoteName.IsGood(parts[0]) && Convert.TryFromBase64String(parts[2], bytes, out var length) && length > 1 && bytes[0] == Ecdsa && IsP256(bytes.AsSpan(1, length - 1))
            ? new(parts[0], ValueList.Create<byte>(bytes.AsSpan(1, length - 1)))
            : null;
        key = key?.ToString() == text ? key : null;
        return key is not null;
    }

    /// <param name="signature">DER (RFC 3279).</param>
    public bool Verifies(string text, ReadOnlySpan<byte> signature)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(Spki.AsSpan(), out _);
        return ecdsa.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}+{Id:x8}+{Convert.ToBase64String([Ecdsa, .. Spki])}");

    private static bool IsP256(ReadOnlySpan<byte> spki)
    {
        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(spki, out var read);
            return read == spki.Length && ecdsa.KeySize == CoordinateBits;
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // PlatformNotSupportedException: a curve that nobody knows.
            return false;
        }
    }
}
