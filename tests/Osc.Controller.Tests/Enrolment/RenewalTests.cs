using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Osc.Bus.InMemory;
using Osc.Controller.Configuration;
using Osc.Controller.Enrolment;
using Osc.Controller.Tests.Delivery;
using Osc.Model;
using Xunit;

namespace Osc.Controller.Tests.Enrolment;

/// <summary>Agents that enrolled, and ask over the bus for another certificate for their key.</summary>
public sealed class RenewalTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;

    private readonly TestAuthority authority = new();
    private readonly InMemoryBus bus = new();
    private readonly ManualTime time = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TestAgent agent;
    private TestController controller = null!; // set before each test

    public RenewalTests() => agent = new(bus, "h1", TestContext.Current.CancellationToken);

    public async ValueTask InitializeAsync()
    {
        time.Advance(DateTimeOffset.UtcNow - time.GetUtcNow()); // certificates are looked at by the machine's clock
        controller = await TestController.StartAsync(bus, time, configure: authority.Configure);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
        var code = (await controller.SendAsync(HttpMethod.Post, "/api/v1/hosts/h1/enrolment", Role.Admin)).Json.GetProperty("code").GetString();
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Post, "/api/v1/enrolment", null, JsonSerializer.Serialize(new { host = "h1", code, request = RequestFor(key) }), "application/json")).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await agent.DisposeAsync();
        await controller.DisposeAsync();
        authority.Dispose();
        key.Dispose();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Agent_that_asks_over_the_bus_gets_a_certificate_for_its_key()
    {
        await using var stranger = new TestAgent(bus, "h9", TestContext.Current.CancellationToken);
        time.Advance(EnrolmentDesk.RenewedAtMost);
        await stranger.RenewAsync(RequestFor(key)); // there is no such host
        await agent.RenewAsync("nonsense");
        await agent.RenewAsync(RequestFor(key));

        using var certificate = X509Certificate2.CreateFromPem(await agent.CertificateAsync());

        Assert.Equal("CN=osc-agent.h1", certificate.Subject);
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), certificate.GetECDsaPublicKey()!.ExportSubjectPublicKeyInfo());
        Assert.Equal(30, Math.Round((certificate.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime).TotalDays));
        var record = Assert.Single((await controller.GetAsync("/api/v1/audit?action=enrolment.renewal", Role.Auditor)).Json.GetProperty("items").EnumerateArray());
        Assert.Equal("agent/h1", record.GetProperty("actor").GetString());
        Assert.Equal(certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant(), record.GetProperty("after").GetProperty("sha256").GetString());
    }

    [Fact]
    public void Certificate_is_renewed_for_the_enrolled_key_alone_and_not_twice_within_the_hour()
    {
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(Renews("h1", key)); // enrolled a moment ago
        time.Advance(EnrolmentDesk.RenewedAtMost);
        Assert.False(Renews("h1", another));
        Assert.False(Renews("h2", key)); // whose agent never enrolled
        Assert.True(Renews("h1", key));
        Assert.False(Renews("h1", key));
        time.Advance(EnrolmentDesk.RenewedAtMost);
        Assert.True(Renews("h1", key));
    }

    private bool Renews(string host, ECDsa owner)
    {
        var certificate = controller.Get<EnrolmentDesk>().Renew(Name.Parse(host), RequestFor(owner), out var error);
        Assert.Equal(certificate is null, error is not null);
        return certificate is not null;
    }

    private static string RequestFor(ECDsa key) => new CertificateRequest("CN=whatever", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
}
