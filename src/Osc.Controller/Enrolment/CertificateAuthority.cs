using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Osc.Bus.RabbitMq;
using Osc.Model;

namespace Osc.Controller.Enrolment;

/// <summary>A certificate that was made.</summary>
/// <param name="Pem">The certificate.</param>
/// <param name="Sha256">Of its bytes (DER), as tools show it.</param>
/// <param name="Key">SHA-256 of its key (SubjectPublicKeyInfo).</param>
public sealed record IssuedCertificate(string Pem, string Sha256, byte[] Key);

/// <summary>Signs certificates for agents, which say to the broker which host they serve. Whose certificate it is says the controller, not the request.</summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>The longest request, in characters: one of a key of 4,096 bits has some 1,700.</summary>
    private const int MaxRequest = 8_192;

    private const int SerialBytes = 16;

    /// <summary>Certificates count from a little before they were made: clocks differ.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);

    private readonly X509Certificate2 authority;
    private readonly TimeSpan life;

    private CertificateAuthority(X509Certificate2 authority, TimeSpan life)
    {
        this.authority = authority;
        this.life = life;
    }

    /// <summary>The authority's own certificate, in PEM: what agents know the broker by.</summary>
    public string Certificate => authority.ExportCertificatePem();

    /// <param name="certificateFile">PEM.</param>
    /// <param name="keyFile">PEM: its private key.</param>
    /// <param name="life">How long certificates count.</param>
    /// <exception cref="CryptographicException">The files are no certificate and its key, or the certificate may not sign others.</exception>
    public static CertificateAuthority Load(string certificateFile, string keyFile, TimeSpan life)
    {
        var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        return certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority)
            ? new(certificate, life)
            : throw new CryptographicException($"{certificateFile} is no authority's certificate (basicConstraints: CA)");
    }

    /// <summary>Makes a certificate for a host's agent.</summary>
    /// <param name="request">PKCS #10, in PEM; of it only the key counts.</param>
    /// <param name="error">What is wrong with the request; null if nothing is.</param>
    /// <returns>null if something is wrong.</returns>
    public IssuedCertificate? Issue(Name host, string request, DateTimeOffset now, out string? error)
    {
        if (request.Length > MaxRequest || !TryRead(request, out var asked))
        {
            error = "no certificate request in PEM (PKCS #10), or its signature does not fit its key";
            return null;
        }

        if (!IsStrong(asked.PublicKey))
        {
            error = "the key is neither of P-256, P-384 or P-521 nor RSA of 2048 to 4096 bits";
            return null;
        }

        var made = new CertificateRequest(new X500DistinguishedName($"CN={BrokerDefinitions.UserOf(host)}"), asked.PublicKey, HashAlgorithmName.SHA256);
        made.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        made.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        made.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.2")], false)); // id-kp-clientAuth, RFC 5280 section 4.2.1.12
        if (authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } identifier)
        {
            made.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        }

        var end = now + life < authority.NotAfter.ToUniversalTime() ? now + life : authority.NotAfter.ToUniversalTime();
        using var signed = made.Create(authority.SubjectName, SignatureOf(authority), now - ClockSkew, end, Serial());
        error = null;
        return new(signed.ExportCertificatePem(), signed.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), SHA256.HashData(asked.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    public void Dispose() => authority.Dispose();

    private static bool TryRead(string pem, out CertificateRequest request)
    {
        try
        {
            request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            request = null!; // the caller looks at the answer
            return false;
        }
    }

    private static bool IsStrong(PublicKey key)
    {
        try
        {
            using var curve = key.GetECDsaPublicKey();
            using var rsa = key.GetRSAPublicKey();
            return curve?.KeySize is 256 or 384 or 521 || rsa?.KeySize is >= 2048 and <= 4096;
        }
        catch (CryptographicException)
        {
            return false; // a key that is none of a kind that is known
        }
    }

    private static X509SignatureGenerator SignatureOf(X509Certificate2 authority) =>
        authority.GetECDsaPrivateKey() is { } curve ? X509SignatureGenerator.CreateForECDsa(curve)
        : authority.GetRSAPrivateKey() is { } rsa ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
        : throw new CryptographicException("the authority's key is neither ECDSA nor RSA");

    /// <summary>Positive, as RFC 5280 section 4.1.2.2 asks.</summary>
    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }
}
