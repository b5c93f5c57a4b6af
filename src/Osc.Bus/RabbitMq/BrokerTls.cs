using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Osc.Bus.RabbitMq;

/// <summary>
/// How a broker is known, and how to be known to it: files in PEM. They are read at each connection, so a certificate that was renewed
/// counts from the next on.
/// </summary>
/// <param name="AuthorityFile">The certificates of which one signed the broker's; null: those that the machine trusts.</param>
/// <param name="CertificateFile">One's own certificate; null: one has none.</param>
/// <param name="KeyFile">Its private key.</param>
public sealed record BrokerTls(string? AuthorityFile, string? CertificateFile, string? KeyFile)
{
    public static readonly BrokerTls MachineTrust = new(null, null, null);

    /// <summary>One's own certificate.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file is not what it should be.</exception>
    public X509Certificate2? LoadCertificate() => CertificateFile is { } file ? X509Certificate2.CreateFromPemFile(file, KeyFile) : null;

    /// <summary>Whether the other end is the broker that was meant. The name has to be in its certificate whoever signed it.</summary>
    /// <exception cref="IOException">The authorities' file cannot be read.</exception>
    /// <exception cref="CryptographicException">It holds no certificates.</exception>
    public RemoteCertificateValidationCallback Validation()
    {
        if (AuthorityFile is null)
        {
            return static (_, _, _, errors) => errors == SslPolicyErrors.None;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(AuthorityFile);
        return (_, certificate, presented, errors) => certificate is X509Certificate2 server && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0 && IsSignedBy(authorities, server, presented);
    }

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate2 server, X509Chain? presented)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // an authority of one's own publishes no list
        chain.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.1")); // id-kp-serverAuth, RFC 5280 section 4.2.1.12
        foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(server);
    }
}
