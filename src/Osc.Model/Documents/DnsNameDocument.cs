using System.Security.Cryptography;
using System.Text;

namespace Osc.Model.Documents;

/// <summary>
/// The addresses that a DNS name has, for the groups that have it as a member. Inventory: the controller resolves the names of all
/// groups and keeps what it was told. There is one document for a name, in the system tenant, and its own name follows from the DNS name.
/// </summary>
/// <param name="Fqdn">In lower case, without a dot at the end; "*." in front where somebody knows what DNS itself cannot answer.</param>
public sealed record DnsNameDocument(Metadata Metadata, string Fqdn, ValueList<IpAddress> Addresses) : Document(Metadata)
{
    private const int ReadableLength = 30;

    public DnsNameDocument(string fqdn, ValueList<IpAddress> addresses)
        : this(new Metadata(NameOf(fqdn), Tenants.System), fqdn, addresses)
    {
    }

    public override Kind Kind => Kind.DnsName;

    /// <summary>Names the document of a DNS name.</summary>
    public static DocumentKey KeyOf(string fqdn) => new(Tenants.System, Kind.DnsName, NameOf(fqdn));

    /// <summary>The beginning of the DNS name, to be read, and 32 digits of its SHA-256, to be unique.</summary>
    public static Name NameOf(string fqdn)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(fqdn), hash);
        var readable = fqdn.Replace("*.", "any-", StringComparison.Ordinal).Replace('.', '-');
        readable = readable[..Math.Min(ReadableLength, readable.Length)];
        return Name.TryParse($"{readable}-{Convert.ToHexStringLower(hash[..16])}", out var name) ? name : Name.Parse(Convert.ToHexStringLower(hash[..16]));
    }
}
