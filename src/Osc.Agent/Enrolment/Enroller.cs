using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Osc.Agent.Desired;
using Osc.Bus.RabbitMq;
using Osc.Model;

namespace Osc.Agent.Enrolment;

/// <summary>Where an agent keeps what it is known by, and where it asked.</summary>
/// <param name="Files">Written, each whole; the key for its owner alone.</param>
internal sealed record Enrolled(Uri Broker, BrokerTls Files);

/// <summary>
/// How an agent comes to its certificate: it makes a key, shows the code that an administrator had made for its host, and keeps the certificate that it gets. The key
/// never leaves the machine.
/// </summary>
/// <param name="host">The host that the code is for.</param>
/// <param name="files">Where to write; all three are given.</param>
internal sealed class Enroller(Name host, BrokerTls files)
{
    private const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const int MaxAnswer = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="controller">https://, or http:// on a loopback address.</param>
    /// <param name="authorityFile">PEM: who signed the controller's certificate; null: somebody whom the machine trusts.</param>
    /// <returns>What it has now, or why it was not done; nothing was written then, or not all.</returns>
    public async Task<(Enrolled? Enrolled, string? Error)> EnrolAsync(Uri controller, string? authorityFile, string code, CancellationToken cancellation)
    {
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={BrokerDefinitions.UserOf(host)}", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
            var (answer, refusal) = await AskAsync(controller, authorityFile, new(host.Value, code, request), cancellation);
            return answer is null ? (null, refusal)
                : Doubt(answer, key) is { } doubt ? (null, doubt)
                : (Keep(answer, key), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or CryptographicException or JsonException)
        {
            return (null, e.InnerException is { } inner ? $"{e.Message} ({inner.Message})" : e.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"{controller} does not answer within {Patience.TotalSeconds} s");
        }
    }

    private static async Task<(EnrolmentAnswer? Answer, string? Refusal)> AskAsync(Uri controller, string? authorityFile, EnrolmentQuestion question, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = new BrokerTls(authorityFile, null, null).Validation();
        using var client = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = MaxAnswer };
        using var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(question, EnrolmentJson.Default.EnrolmentQuestion));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.PostAsync(new Uri(controller, "/api/v1/enrolment"), body, cancellation);
        var text = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (response.IsSuccessStatusCode)
        {
            return (JsonSerializer.Deserialize(text, EnrolmentJson.Default.EnrolmentAnswer), null);
        }

        var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonSerializer.Deserialize(text, EnrolmentJson.Default.EnrolmentProblem) : null;
        return (null, $"{controller} answers {(int)response.StatusCode}: {problem?.Detail ?? problem?.Title ?? response.ReasonPhrase}");
    }

    /// <summary>What is wrong with an answer; null: nothing.</summary>
    private string? Doubt(EnrolmentAnswer answer, ECDsa key)
    {
        using var certificate = X509Certificate2.CreateFromPem(answer.Certificate);
        using var certified = certificate.GetECDsaPublicKey();
        return certified is null || !certified.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo()) ? "the certificate that came is not of this agent's key"
            : certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) != BrokerDefinitions.UserOf(host) ? "the certificate that came is not this host's"
            : !Uri.TryCreate(answer.Broker, UriKind.Absolute, out _) ? "the broker's address that came is none"
            : null;
    }

    private Enrolled Keep(EnrolmentAnswer answer, ECDsa key)
    {
        Write(files.AuthorityFile!, answer.Authority, Public); // all are given
        Write(files.KeyFile!, key.ExportPkcs8PrivateKeyPem(), Secret);
        Write(files.CertificateFile!, answer.Certificate, Public);
        return new(new(answer.Broker), files);
    }

    private static void Write(string path, string text, UnixFileMode mode)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }

        DurableFile.Replace(path, stream => stream.Write(Encoding.ASCII.GetBytes(text.TrimEnd() + '\n')), mode);
    }
}
