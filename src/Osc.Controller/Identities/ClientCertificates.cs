using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Osc.Controller.Configuration;

namespace Osc.Controller.Identities;

/// <summary>Checks the certificates that clients show, and tells whose they are.</summary>
public sealed class ClientCertificates
{
    /// <summary>id-kp-clientAuth (RFC 5280, section 4.2.1.12).</summary>
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2Collection authorities = [];
    private readonly Dictionary<string, CertificateSubject> subjects;

    /// <exception cref="CryptographicException">The file of authorities holds no certificate.</exception>
    public ClientCertificates(ControllerOptions options)
    {
        subjects = options.Certificates.ToDictionary(c => new X500DistinguishedName(c.Subject).Name, StringComparer.Ordinal);
        if (options.Tls?.ClientAuthority is { } file)
        {
            authorities.ImportFromPemFile(file);
            if (authorities.Count == 0)
            {
                throw new CryptographicException($"tls.clientCa: there is no certificate in {file}");
            }
        }
    }

    /// <summary>Whether clients may show certificates at all.</summary>
    public bool AreAsked => authorities.Count > 0;

    /// <summary>Whether one of the authorities has signed the certificate, for clients, and it is its time. Revocation lists are not asked.</summary>
    public bool IsTrusted(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(ForClients);
        return chain.Build(certificate);
    }

    /// <returns>null: its subject is nobody's here.</returns>
    public CallerIdentity? Find(X509Certificate2 certificate) => subjects.TryGetValue(certificate.SubjectName.Name, out var subject)
        ? new(subject.Name, "certificate", new(subject.Grants)) { Expires = certificate.NotAfter.ToUniversalTime() }
        : null;
}
