using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Osc.Model;

namespace Osc.Audit.Checkpoints;

/// <summary>Signs notes. As text: <c>PRIVATE+KEY+NAME+ID+BASE64(0x02 || PKCS #8)</c>, which is a secret.</summary>
public sealed class SigningKey
{
    private const string Prefix = "PRIVATE+KEY+";

    private readonly byte[] pkcs8;

    private SigningKey(string name, byte[] pkcs8, byte[] spki) => (this.pkcs8, Public) = (pkcs8, new(name, spki.ToValueList()));

    public PublicKey Public { get; }

    /// <summary>Makes a key.</summary>
    /// <exception cref="ArgumentException">The name is empty, too long, or has white space or "+" in it.</exception>
    public static SigningKey Create(string name)
    {
        if (!NoteName.IsGood(name))
        {
            throw new ArgumentException($"'{name}' cannot name a key", nameof(name));
        }

        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(name, ecdsa.ExportPkcs8PrivateKey(), ecdsa.ExportSubjectPublicKeyInfo());
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out SigningKey? key)
    {
        key = null;
        var parts = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..].Split('+', 3) : [];
        var bytes = new byte[text.Length];
        if (parts.Length != 3 || !NoteName.IsGood(parts[0]) || !Convert.TryFromBase64String(parts[2], bytes, out var length) || length < 2 || bytes[0] != PublicKey.Ecdsa)
        {
            return false;
        }

        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportPkcs8PrivateKey(bytes.AsSpan(1, length - 1), out _);
            key = new(parts[0], bytes[1..length], ecdsa.ExportSubjectPublicKeyInfo());
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // PlatformNotSupportedException: a curve that nobody knows.
            return false;
        }

        // The id, and the curve, are the public key's to say.
        key = key.Print() == text && PublicKey.TryParse(key.Public.ToString(), out _) ? key : null;
        return key is not null;
    }

    public SignedNote Sign(string text)
    {
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportPkcs8PrivateKey(pkcs8, out _);
        var signature = ecdsa.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new(text, [new(Public.Name, Public.Id, signature.ToValueList())]);
    }

    /// <summary>The secret as text; not <see cref="object.ToString"/>, so that no log gets it by mistake.</summary>
    public string Print() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Public.Name}+{Public.Id:x8}+{Convert.ToBase64String([PublicKey.Ecdsa, .. pkcs8])}");
}
