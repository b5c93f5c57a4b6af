using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Osc.Lab.RabbitMq;

/// <summary>An authority that signs certificates for a lab, all in PEM files of one directory.</summary>
public sealed class LabAuthority : IDisposable
{
    private readonly string directory;
    private readonly X509Certificate2 root;

    /// <param name="directory">Made if it is not there.</param>
    public LabAuthority(string directory)
    {
        this.directory = Directory.CreateDirectory(directory).FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=lab authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(AuthorityFile, root.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public string AuthorityFile => Path.Combine(directory, "ca.pem");

    public string KeyFile => Path.Combine(directory, "ca.key");

    /// <summary>A certificate and its key for a name; for a server, 127.0.0.1 and localhost are its addresses.</summary>
    public (string Certificate, string Key) Issue(string name, bool isServer = false, string address = "127.0.0.1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(isServer ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
        if (isServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(root, DateTimeOffset.UtcNow.AddMinutes(-30), DateTimeOffset.UtcNow.AddHours(12), RandomNumberGenerator.GetBytes(16));
        var (certificateFile, keyFile) = (Path.Combine(directory, $"{name}.pem"), Path.Combine(directory, $"{name}.key"));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }

    /// <summary>Puts in a certificate's place another one for its name and key, with other times.</summary>
    public void Reissue(string certificateFile, string keyFile, DateTimeOffset begin, DateTimeOffset end)
    {
        using var old = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        using var key = old.GetECDsaPrivateKey() ?? throw new LabException($"{keyFile} is no ECDSA key");
        var request = new CertificateRequest(old.SubjectName, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.2")], false));
        using var certificate = request.Create(root, begin, end, RandomNumberGenerator.GetBytes(16));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
    }

    public void Dispose() => root.Dispose();
}
