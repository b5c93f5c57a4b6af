using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Osc.Agent.Desired;
using Osc.Agent.Logging;
using Osc.Bus;
using Osc.Bus.RabbitMq;
using Osc.Model;
using Osc.Model.Health;

namespace Osc.Agent.Enrolment;

/// <summary>
/// Has the certificate by which the broker knows the agent renewed in time: over the bus itself, for the same key, so that one file changes and a crash leaves
/// the old certificate or the new one. The new one is shown at the next connection.
/// </summary>
/// <param name="files">Where certificate and key are.</param>
/// <param name="bus">To ask the controller; one that signs no certificates does not answer.</param>
internal sealed class CertificateKeeper(BrokerTls files, Name host, IAgentBus bus, IAgentLog log, TimeProvider time)
{
    /// <summary>With a third of its time left a certificate is renewed.</summary>
    private const int RenewedAt = 3;

    /// <summary>With a sixth left, somebody has to be told.</summary>
    private const int SaidAt = 6;

    private static readonly TimeSpan AskEvery = TimeSpan.FromHours(1);

    private DateTimeOffset? asked;
    private string? trouble;

    public ValueList<Fault> Faults { get; private set; } = [];

    /// <summary>Looks at the certificate, and asks for another if its time comes, at most once an hour.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        if (files.CertificateFile is null || files.KeyFile is null || !TryLoad(out var certificate))
        {
            return;
        }

        using (certificate)
        {
            var now = time.GetUtcNow();
            var (begin, end) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
            var (life, left) = (end - begin, end - now.UtcDateTime);
            Faults = left < life / SaidAt ? [new(AlarmKind.CertificateEnds.Name, "", $"the certificate {files.CertificateFile} ends at {end:yyyy-MM-dd HH:mm:ss}Z")] : [];
            if (left < life / RenewedAt && (asked is null || now - asked >= AskEvery) && await bus.TrySendAsync(new() { Host = host.Value, Renewal = new(RequestFor(certificate)) }, cancellation))
            {
                asked = now;
            }
        }
    }

    /// <summary>The controller has signed a certificate.</summary>
    public void Take(RenewedCertificate renewed)
    {
        if (files.CertificateFile is null || !TryLoad(out var held))
        {
            return;
        }

        using (held)
        {
            if (Keep(renewed.Certificate, held) is { } wrong)
            {
                log.Write(LogLevel.Warning, "the renewed certificate is not taken", ("reason", wrong));
            }
            else
            {
                Faults = [];
                log.Write(LogLevel.Info, "the certificate was renewed", ("file", files.CertificateFile));
            }
        }
    }

    /// <returns>What is wrong; null: it is kept.</returns>
    private string? Keep(string pem, X509Certificate2 held)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            if (!certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(held.PublicKey.ExportSubjectPublicKeyInfo()))
            {
                return "it is not for this agent's key";
            }

            if (certificate.Subject != held.Subject || certificate.Issuer != held.Issuer)
            {
                return $"it is of {certificate.Subject} by {certificate.Issuer}";
            }

            if (certificate.NotAfter <= held.NotAfter)
            {
                return $"it ends at {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z, which is no later than the one before";
            }

            DurableFile.Replace(files.CertificateFile!, stream => stream.Write(Encoding.ASCII.GetBytes(pem.TrimEnd() + '\n'))); // the caller looked
            return null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private bool TryLoad([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out X509Certificate2? certificate)
    {
        try
        {
            certificate = files.LoadCertificate();
            trouble = null;
            return certificate is not null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // The bus says it too, when it connects; here it need be read once.
            if (trouble != e.Message)
            {
                log.Write(LogLevel.Warning, "the certificate cannot be read", ("file", files.CertificateFile), ("reason", e.Message));
            }

            (certificate, trouble) = (null, e.Message);
            return false;
        }
    }

    private string RequestFor(X509Certificate2 certificate)
    {
        var name = new X500DistinguishedName($"CN={BrokerDefinitions.UserOf(host)}");
        using var curve = certificate.GetECDsaPrivateKey();
        using var rsa = curve is null ? certificate.GetRSAPrivateKey() : null;
        var request = curve is not null ? new CertificateRequest(name, curve, HashAlgorithmName.SHA256)
            : new CertificateRequest(name, rsa ?? throw new CryptographicException("the key is neither ECDSA nor RSA"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSigningRequestPem();
    }
}
