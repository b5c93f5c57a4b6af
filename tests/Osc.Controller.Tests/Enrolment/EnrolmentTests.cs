using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Enrolment;

public sealed class EnrolmentTests : IAsyncLifetime
{
    private readonly TestAuthority authority = new();
    private readonly ManualTime time = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync()
    {
        time.Advance(DateTimeOffset.UtcNow - time.GetUtcNow()); // certificates are looked at by the machine's clock
        controller = await TestController.StartAsync(time: time, configure: authority.Configure);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await controller.DisposeAsync();
        authority.Dispose();
        key.Dispose();
    }

    [Fact]
    public async Task Agent_that_shows_its_hosts_code_gets_a_certificate_for_its_key()
    {
        var code = await CodeAsync("h1");
        var answer = await EnrolAsync("h1", code, RequestOf("CN=whatever"));

        Assert.Equal(200, answer.Status);
        Assert.Equal("amqps://rabbit.example:5671/", answer.Json.GetProperty("broker").GetString());
        Assert.Equal(authority.Certificate.ExportCertificatePem(), answer.Json.GetProperty("authority").GetString());
        using var certificate = X509Certificate2.CreateFromPem(answer.Json.GetProperty("certificate").GetString());
        Assert.Equal("CN=osc-agent.h1", certificate.Subject); // not what the request says
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), certificate.GetECDsaPublicKey()!.ExportSubjectPublicKeyInfo());
        Assert.Equal(30, Math.Round((certificate.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime).TotalDays));
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(authority.Certificate);
        chain.ChainPolicy.ApplicationPolicy.Add(new("1.3.6.1.5.5.7.3.2"));
        Assert.True(chain.Build(certificate));
    }

    [Fact]
    public async Task Codes_and_certificates_are_in_the_audit_log_and_no_code_is_anywhere()
    {
        var code = await CodeAsync("h1");
        await EnrolAsync("h1", code, RequestOf());

        var log = await controller.GetAsync("/api/v1/audit?kind=Host&name=h1&order=asc", Role.Auditor);
        var records = log.Json.GetProperty("items").EnumerateArray().Select(r => $"{r.GetProperty("actor").GetString()} {r.GetProperty("action").GetString()}").Where(r => r.Contains("enrolment", StringComparison.Ordinal));
        Assert.Equal(["admin enrolment.code", "agent/h1 enrolment.certificate"], records);
        Assert.DoesNotContain(code, log.Text, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(controller.StorePath)!).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(code, await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("it was used")]
    [InlineData("it is another host's")]
    [InlineData("it was replaced")]
    [InlineData("a day is over")]
    [InlineData("there never was one")]
    [InlineData("the host is none")]
    public async Task Code_is_not_good_when(string why)
    {
        var (host, code) = ("h1", await CodeAsync("h1"));
        switch (why)
        {
            case "it was used":
                Assert.Equal(200, (await EnrolAsync(host, code, RequestOf())).Status);
                break;
            case "it is another host's":
                code = await CodeAsync("h2");
                break;
            case "it was replaced":
                await CodeAsync("h1");
                break;
            case "a day is over":
                time.Advance(TimeSpan.FromDays(1));
                break;
            case "there never was one":
                code = "AAAAAAAAAAAAAAAAAAAAAAAAAAA";
                break;
            default:
                host = "../h1";
                break;
        }

        var answer = await EnrolAsync(host, code, RequestOf());
        Assert.Equal((403, "the code is not good for this host: ask for a new one"), (answer.Status, answer.Json.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task Code_is_good_after_a_restart_and_of_many_who_show_it_at_once_one_gets_a_certificate()
    {
        var code = await CodeAsync("h1");
        await controller.RestartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => EnrolAsync("h1", code, RequestOf())));

        Assert.Equal([200, 403, 403, 403, 403, 403, 403, 403], answers.Select(a => a.Status).Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("a certificate")]
    [InlineData("a short key")]
    [InlineData("another key's signature")]
    [InlineData("a long one")]
    public async Task Request_that_is_none_is_refused_and_does_not_use_the_code_up(string what)
    {
        var code = await CodeAsync("h1");
        var request = what switch
        {
            "a certificate" => authority.Certificate.ExportCertificatePem(),
            "a short key" => ShortKey(),
            "another key's signature" => Forged(),
            "a long one" => RequestOf() + new string('\n', 10_000),
            _ => what,
        };

        Assert.Equal(422, (await EnrolAsync("h1", code, request)).Status);
        Assert.Equal(200, (await EnrolAsync("h1", code, RequestOf())).Status);
    }

    [Fact]
    public async Task Authority_may_be_without_a_key_identifier()
    {
        using var plain = new TestAuthority(hasIdentifier: false);
        await using var other = await TestController.StartAsync(configure: plain.Configure);
        Assert.Equal(200, (await other.ApplyAsync(TestDocuments.Shop)).Status);
        var code = (await other.SendAsync(HttpMethod.Post, "/api/v1/hosts/h1/enrolment", Role.Admin)).Json.GetProperty("code").GetString();
        Assert.Equal(200, (await other.SendAsync(HttpMethod.Post, "/api/v1/enrolment", null, JsonSerializer.Serialize(new { host = "h1", code, request = RequestOf() }), "application/json")).Status);
    }

    [Fact]
    public async Task Host_that_is_not_there_gets_no_code()
    {
        Assert.Equal(404, (await controller.SendAsync(HttpMethod.Post, "/api/v1/hosts/nowhere/enrolment", Role.Admin)).Status);
    }

    [Fact]
    public async Task Controller_without_an_authority_enrols_nobody()
    {
        await using var without = await TestController.StartAsync();
        Assert.Equal(200, (await without.ApplyAsync(TestDocuments.Shop)).Status);
        Assert.Equal(409, (await without.SendAsync(HttpMethod.Post, "/api/v1/hosts/h1/enrolment", Role.Admin)).Status);
        Assert.Equal(409, (await without.SendAsync(HttpMethod.Post, "/api/v1/enrolment", null, """{"host":"h1","code":"x","request":""}""", "application/json")).Status);
    }

    private async Task<string> CodeAsync(string host)
    {
        var answer = await controller.SendAsync(HttpMethod.Post, $"/api/v1/hosts/{host}/enrolment", Role.Admin);
        Assert.Equal(201, answer.Status);
        return answer.Json.GetProperty("code").GetString()!; // the answer has one
    }

    private Task<Answer> EnrolAsync(string host, string code, string request) =>
        controller.SendAsync(HttpMethod.Post, "/api/v1/enrolment", null, JsonSerializer.Serialize(new { host, code, request }), "application/json");

    private string RequestOf(string subject = "CN=osc-agent.h1") => new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    private static string ShortKey()
    {
        using var rsa = RSA.Create(1024);
        return new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequestPem();
    }

    private string Forged()
    {
        var der = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        der[^1] ^= 1;
        return PemEncoding.WriteString("CERTIFICATE REQUEST", der);
    }
}
