using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Osc.Controller.Configuration;

namespace Osc.Controller.Tests;

/// <summary>An authority for agents' certificates, in files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-authority-");

    /// <param name="hasIdentifier">Authorities need not have a subject key identifier.</param>
    public TestAuthority(bool hasIdentifier = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("CN=agents' authority", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (hasIdentifier)
        {
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        }

        Certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(10));
        File.WriteAllText(In("ca.pem"), Certificate.ExportCertificatePem());
        File.WriteAllText(In("ca.key"), key.ExportPkcs8PrivateKeyPem());
    }

    public X509Certificate2 Certificate { get; }

    public ControllerOptions Configure(ControllerOptions options) =>
        options with { Enrolment = new(In("ca.pem"), In("ca.key"), TimeSpan.FromDays(30), new("amqps://rabbit.example:5671")) };

    public void Dispose()
    {
        Certificate.Dispose();
        directory.Delete(recursive: true);
    }

    private string In(string file) => Path.Combine(directory.FullName, file);
}
