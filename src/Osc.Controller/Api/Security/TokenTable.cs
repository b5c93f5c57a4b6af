using System.Security.Cryptography;
using System.Text;
using Osc.Controller.Configuration;

namespace Osc.Controller.Api.Security;

/// <summary>Finds the token that a secret belongs to. Takes the same time whichever token it is, and whether it is one.</summary>
public sealed class TokenTable(IReadOnlyList<Token> tokens)
{
    /// <summary>null: no token has this secret.</summary>
    public Token? Find(string secret)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(secret), digest);
        Token? found = null;
        foreach (var token in tokens)
        {
            // Every token is compared, also after a match.
            found = CryptographicOperations.FixedTimeEquals(token.Sha256.Span, digest) ? token : found;
        }

        return found;
    }
}
