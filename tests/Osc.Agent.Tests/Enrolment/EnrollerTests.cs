using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Osc.Agent.Enrolment;
using Osc.Bus.RabbitMq;
using Osc.Model;
using Xunit;

namespace Osc.Agent.Tests.Enrolment;

/// <summary>An agent that enrols at something that answers as no controller should: it keeps nothing.</summary>
public sealed class EnrollerTests : IDisposable
{
    private static readonly Name Host = Name.Parse("h1");

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-enrol-");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData("another key's", "the certificate that came is not of this agent's key")]
    [InlineData("another host's", "the certificate that came is not this host's")]
    [InlineData("no broker", "the broker's address that came is none")]
    public async Task Certificate_that_is_not_its_own_is_not_kept(string what, string error)
    {
        var enrolled = await EnrolAsync(question =>
        {
            using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var asked = CertificateRequest.LoadSigningRequestPem(question.GetProperty("request").GetString()!, HashAlgorithmName.SHA256).PublicKey; // the agent sends one
            var certificate = Issue(what == "another host's" ? "osc-agent.h2" : "osc-agent.h1", what == "another key's" ? new CertificateRequest("CN=x", foreign, HashAlgorithmName.SHA256).PublicKey : asked);
            return (200, JsonSerializer.Serialize(new { certificate, authority = certificate, broker = what == "no broker" ? "" : "amqps://b" }));
        });

        Assert.Equal((null, error), enrolled);
        Assert.Empty(directory.GetFiles());
    }

    [Theory]
    [InlineData(403, """{"detail":"no"}""", "answers 403: no")]
    [InlineData(200, "{}", "JSON deserialization")]
    [InlineData(200, "text", "is an invalid JSON literal")]
    [InlineData(307, "", "answers 307")]
    public async Task Answer_that_is_none_is_told(int status, string body, string error)
    {
        var (enrolled, told) = await EnrolAsync(_ => (status, body));

        Assert.Null(enrolled);
        Assert.Contains(error, told, StringComparison.Ordinal);
        Assert.Empty(directory.GetFiles());
    }

    private static string Issue(string name, PublicKey key)
    {
        using var authority = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, to) = (DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1));
        using var certificate = new CertificateRequest(new X500DistinguishedName($"CN={name}"), key, HashAlgorithmName.SHA256).Create(new("CN=ca"), X509SignatureGenerator.CreateForECDsa(authority), from, to, [1]);
        return certificate.ExportCertificatePem();
    }

    private async Task<(object? Enrolled, string? Error)> EnrolAsync(Func<JsonElement, (int Status, string Body)> answer)
    {
        using var listener = Listen(out var server);
        var serving = ServeAsync(listener, answer);
        var files = new BrokerTls(In("ca.pem"), In("own.pem"), In("own.key"));
        var (enrolled, error) = await new Enroller(Host, files).EnrolAsync(server, null, "code", TestContext.Current.CancellationToken);
        await serving;
        return (enrolled, error);
    }

    private static async Task ServeAsync(HttpListener listener, Func<JsonElement, (int Status, string Body)> answer)
    {
        var context = await listener.GetContextAsync();
        using var question = await JsonDocument.ParseAsync(context.Request.InputStream);
        var (status, body) = answer(question.RootElement);
        (context.Response.StatusCode, context.Response.ContentType) = (status, status == 200 ? "application/json" : body.Length > 0 ? "application/problem+json" : null);
        context.Response.RedirectLocation = status == 307 ? "http://127.0.0.1:1/" : null;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
    }

    private static HttpListener Listen(out Uri server)
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        server = new($"http://127.0.0.1:{((IPEndPoint)socket.LocalEndpoint).Port}/");
        socket.Stop();
        var listener = new HttpListener { Prefixes = { server.ToString() } };
        listener.Start();
        return listener;
    }

    private string In(string file) => Path.Combine(directory.FullName, file);
}
