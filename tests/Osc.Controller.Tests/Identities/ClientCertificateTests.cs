using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Identities;

/// <summary>Machines that show who they are by a certificate, over real TLS.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";
    private const string ForServers = "1.3.6.1.5.5.7.3.1";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-certificates-");
    private readonly X509Certificate2 authority = Authority("CN=Osc clients");
    private TestController controller = null!; // set before each test
    private string address = "";

    public async ValueTask InitializeAsync()
    {
        using var server = Issue(authority, "CN=osc", ForServers);
        var tls = new TlsFiles(Write("tls.crt", server.ExportCertificatePem()), Write("tls.key", server.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem()), Write("clients.crt", authority.ExportCertificatePem())); // made with an RSA key
        controller = await TestController.StartAsync(configure: options => options with
        {
            Listen = new("https://127.0.0.1:0"),
            Tls = tls,
            Certificates = [new("CN=connector-1, O=Example", "connector-1", [TestIssuer.Of(Role.Viewer)])],
        });
        address = controller.App.Urls.Single();
    }

    public async ValueTask DisposeAsync()
    {
        await controller.DisposeAsync();
        authority.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Certificate_of_a_known_subject_lets_in_as_what_it_is_mapped_to()
    {
        using var certificate = Issue(authority, "CN=connector-1, O=Example", ForClients);
        var (status, text) = await AskAsync(certificate, "/api/v1/auth/whoami");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\"name\":\"connector-1\",\"by\":\"certificate\"", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(certificate, "/api/v1/audit")).Status);
    }

    [Fact]
    public async Task Connection_without_a_certificate_works_with_a_token_alone()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(null, "/api/v1/documents")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(null, "/api/v1/documents", $"Authorization: Bearer {TestController.SecretOf(Role.Viewer)}")).Status);
    }

    [Fact]
    public async Task Token_is_stronger_than_the_certificate()
    {
        using var certificate = Issue(authority, "CN=connector-1, O=Example", ForClients);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(certificate, "/api/v1/audit", $"Authorization: Bearer {TestController.SecretOf(Role.Auditor)}")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(certificate, "/api/v1/documents", "Authorization: Bearer nonsense")).Status);
    }

    [Theory]
    [InlineData("CN=connector-2, O=Example")]
    [InlineData("CN=connector-1")]
    [InlineData("O=Example, CN=connector-1")]
    [InlineData("CN=\"connector-1, O=Example\"")]
    public async Task Certificate_of_another_subject_is_nobodys(string subject)
    {
        using var certificate = Issue(authority, subject, ForClients);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(certificate, "/api/v1/documents")).Status);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: same-site")]
    [InlineData("Origin: https://evil.example.com")]
    [InlineData("Origin: null")]
    public async Task Page_of_another_site_cannot_use_the_browsers_certificate(string header)
    {
        using var certificate = Issue(authority, "CN=connector-1, O=Example", ForClients);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(certificate, "/api/v1/documents", header)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(certificate, "/api/v1/documents", "Sec-Fetch-Site: same-origin")).Status);
    }

    [Fact]
    public async Task Certificate_that_is_not_to_be_trusted_ends_the_handshake()
    {
        using var stranger = Authority("CN=Osc clients");
        using var foreign = Issue(stranger, "CN=connector-1, O=Example", ForClients);
        using var expired = Issue(authority, "CN=connector-1, O=Example", ForClients, days: -1);
        using var forServers = Issue(authority, "CN=connector-1, O=Example", ForServers);
        foreach (var certificate in new[] { foreign, expired, forServers })
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(certificate, "/api/v1/documents"));
        }
    }

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(X509Certificate2? certificate, string path, string? header = null)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Subject == "CN=osc";
        handler.SslOptions.ClientCertificates = certificate is null ? null : [certificate];
        handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!; // null: none is sent
        using var client = new HttpClient(handler) { BaseAddress = new(address) };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        }

        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static X509Certificate2 Authority(string subject)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(1));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string subject, string purpose, int days = 30)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new(purpose)], critical: false));
        using var issued = request.Create(authority, DateTimeOffset.UtcNow.AddDays(-60), DateTimeOffset.UtcNow.AddDays(days), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
