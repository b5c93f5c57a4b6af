using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Osc.Agent.Enrolment;
using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Bus.RabbitMq;
using Osc.Model.Health;
using Xunit;

namespace Osc.Agent.Tests.Enrolment;

public sealed class CertificateKeeperTests : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(90);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-certificate-");
    private readonly ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ManualTime time = new();
    private readonly MemoryLog log = new();
    private readonly InMemoryBus bus = new();
    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;
    private readonly IAsyncEnumerator<AgentMessage> controller;
    private readonly CertificateKeeper keeper;

    public CertificateKeeperTests()
    {
        File.WriteAllText(CertificateFile, Certificate(key, Life));
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        controller = bus.ReceiveAsync(cancellation).GetAsyncEnumerator(cancellation);
        keeper = new(new(null, CertificateFile, KeyFile), AgentHarness.Host, bus.Agent(AgentHarness.Host), log, time);
    }

    private string CertificateFile => Path.Combine(directory.FullName, "broker.pem");

    private string KeyFile => Path.Combine(directory.FullName, "broker.key");

    public void Dispose()
    {
        directory.Delete(recursive: true);
        authorityKey.Dispose();
        key.Dispose();
    }

    [Fact]
    public async Task Certificate_is_asked_for_with_a_third_of_its_time_left_and_every_hour_until_it_comes()
    {
        await LookAsync(Life * 2 / 3); // not yet
        await LookAsync(TimeSpan.FromMinutes(1));
        await LookAsync(TimeSpan.FromMinutes(59)); // asked a moment ago
        await LookAsync(TimeSpan.FromMinutes(1));

        var first = await AskedAsync();
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), CertificateRequest.LoadSigningRequestPem(first, HashAlgorithmName.SHA256).PublicKey.ExportSubjectPublicKeyInfo());
        await AskedAsync();
        keeper.Take(new(Certificate(key, Life, time.GetUtcNow())));
        await LookAsync(Life / 2);
        await LookAsync(Life / 3);
        await AskedAsync(); // of the new one: nothing was asked between
        Assert.Empty(keeper.Faults);
        Assert.Equal("Info the certificate was renewed file=" + CertificateFile, Assert.Single(log.Lines));
    }

    [Fact]
    public async Task Certificate_that_nobody_renews_is_a_fault_until_it_is_renewed()
    {
        await LookAsync(Life * 5 / 6);
        Assert.Empty(keeper.Faults);
        await LookAsync(TimeSpan.FromMinutes(1));
        var fault = Assert.Single(keeper.Faults);
        Assert.Equal((AlarmKind.CertificateEnds.Name, $"the certificate {CertificateFile} ends at 1970-04-01 00:00:00Z"), (fault.Kind, fault.Detail));
        await LookAsync(Life);
        Assert.Equal(fault, Assert.Single(keeper.Faults));

        keeper.Take(new(Certificate(key, Life, time.GetUtcNow())));

        Assert.Empty(keeper.Faults);
        await LookAsync(TimeSpan.Zero);
        Assert.Empty(keeper.Faults);
    }

    [Theory]
    [InlineData("nonsense", "PEM")]
    [InlineData("of another key", "it is not for this agent's key")]
    [InlineData("of another host", "it is of CN=osc-agent.h2 by CN=authority")]
    [InlineData("of another authority", "it is of CN=osc-agent.h1 by CN=another")]
    [InlineData("the same again", "it ends at 1970-04-01 00:00:00Z, which is no later than the one before")]
    public void Certificate_that_is_not_right_is_not_taken(string what, string reason)
    {
        using var another = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var before = File.ReadAllText(CertificateFile);

        keeper.Take(new(what switch
        {
            "of another key" => Certificate(another, Life * 2),
            "of another host" => Certificate(key, Life * 2, subject: "CN=osc-agent.h2"),
            "of another authority" => Certificate(key, Life * 2, issuer: "CN=another"),
            "the same again" => before,
            _ => what,
        }));

        Assert.Equal(before, File.ReadAllText(CertificateFile));
        Assert.Contains(reason, Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_cannot_be_read_are_said_once()
    {
        File.Delete(KeyFile);
        await LookAsync(Life);
        await LookAsync(Life);
        keeper.Take(new(Certificate(key, Life * 2)));

        Assert.Contains("the certificate cannot be read", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_without_a_certificate_asks_for_none()
    {
        var without = new CertificateKeeper(BrokerTls.MachineTrust, AgentHarness.Host, bus.Agent(AgentHarness.Host), log, time);
        time.Advance(Life);
        await without.LookAsync(cancellation);
        without.Take(new(Certificate(key, Life * 2)));

        await keeper.LookAsync(cancellation);
        await AskedAsync(); // the first that came is the other's
        Assert.Empty(without.Faults);
        Assert.Empty(log.Lines);
    }

    private async Task LookAsync(TimeSpan later)
    {
        time.Advance(later);
        await keeper.LookAsync(cancellation);
    }

    /// <summary>The next request that came to the controller.</summary>
    private async Task<string> AskedAsync()
    {
        Assert.True(await controller.MoveNextAsync());
        Assert.Equal("h1", controller.Current.Host);
        return controller.Current.Renewal!.Request;
    }

    private string Certificate(ECDsa owner, TimeSpan life, DateTimeOffset? from = null, string subject = "CN=osc-agent.h1", string issuer = "CN=authority")
    {
        var begin = from ?? DateTimeOffset.UnixEpoch;
        var request = new CertificateRequest(subject, owner, HashAlgorithmName.SHA256);
        using var made = request.Create(new X500DistinguishedName(issuer), X509SignatureGenerator.CreateForECDsa(authorityKey), begin, begin + life, [1]);
        return made.ExportCertificatePem();
    }
}
