using System.Security.Cryptography;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>Names a document's content: what an ETag and a comparison need.</summary>
public static class DocumentHash
{
    /// <summary>Of SHA-256, this much stays: a collision by chance needs some 2^64 contents.</summary>
    private const int Bytes = 16;

    /// <summary>32 hexadecimal digits; the same for equal documents (SHA-256 of the canonical JSON, cut).</summary>
    public static string Of(Document document)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(DocumentPrinter.ToJsonBytes(document, indented: false), hash);
        return Convert.ToHexStringLower(hash[..Bytes]);
    }
}
