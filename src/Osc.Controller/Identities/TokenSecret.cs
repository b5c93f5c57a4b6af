using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Osc.Controller.Identities;

/// <summary>
/// The secret of a token that the controller makes: "osc_", its id, "_", and 32 random bytes as base64url. The beginning lets scanners find one that was
/// published; guessing meets 256 bits, so that a plain SHA-256 is enough to keep of it.
/// </summary>
public sealed record TokenSecret(string Id, string Text)
{
    public const string Prefix = "osc_";

    private const int IdBytes = 6;

    private const int SecretBytes = 32;

    public static TokenSecret Create()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        return new(id, $"{Prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
    }

    /// <summary>SHA-256 of a secret's UTF-8 bytes.</summary>
    public static byte[] DigestOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public override string ToString() => $"{Prefix}{Id}_...";
}
