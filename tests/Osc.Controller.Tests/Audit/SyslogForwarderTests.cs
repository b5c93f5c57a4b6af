using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Osc.Audit;
using Osc.Controller.Audit;
using Osc.Controller.Configuration;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Audit;

/// <summary>Audit records at a collector, which is a real socket on loopback.</summary>
public sealed class SyslogForwarderTests : IDisposable
{
    private const int TimeoutMilliseconds = 60_000;

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-controller-tests-");
    private readonly TcpListener collector = new(IPAddress.Loopback, 0);
    private readonly ManualTime time = new();
    private readonly PolicyStore store;

    public SyslogForwarderTests()
    {
        store = PolicyStore.Open(Path.Combine(directory.FullName, "osc.db"), time);
        collector.Start();
    }

    public void Dispose()
    {
        collector.Stop();
        store.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Every_record_comes_in_order_as_it_is_appended_and_after_a_break_none_is_missing()
    {
        Append(300);
        using var forwarder = Forwarder(new($"tcp://127.0.0.1:{Port}"));
        await forwarder.StartAsync(CancellationToken.None);
        using (var first = await collector.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal(Numbers(1, 300), await ReadAsync(first.GetStream(), 300));
            Append(5);
            Assert.Equal(Numbers(301, 305), await ReadAsync(first.GetStream(), 5));
        }

        Append(7);
        using var second = await ReconnectedAsync();
        var again = await ReadAsync(second.GetStream(), until: 312);
        Assert.Equal(Numbers(again[0], 312), again);
        Assert.InRange(again[0], 306 - SyslogForwarder.Batch, 306);
        await forwarder.StopAsync(CancellationToken.None);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Collector_is_told_by_its_certificate()
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=collector", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var authority = Path.Combine(directory.FullName, "ca.pem");
        await File.WriteAllTextAsync(authority, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
        Append(3);

        // One who is not vouched for gets nothing.
        using (var careful = Forwarder(new($"tls://localhost:{Port}")))
        {
            await careful.StartAsync(CancellationToken.None);
            using var stranger = await collector.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await using var refused = new SslStream(stranger.GetStream());
            Assert.NotNull(await Record.ExceptionAsync(async () =>
            {
                await refused.AuthenticateAsServerAsync(certificate);
                await refused.ReadExactlyAsync(new byte[1], TestContext.Current.CancellationToken);
            }));
            await careful.StopAsync(CancellationToken.None);
        }

        using var forwarder = Forwarder(new($"tls://localhost:{Port}"), authority);
        await forwarder.StartAsync(CancellationToken.None);
        using var client = await collector.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(certificate);
        Assert.Equal(Numbers(1, 3), await ReadAsync(tls, 3));
        await forwarder.StopAsync(CancellationToken.None);
    }

    private int Port => ((IPEndPoint)collector.LocalEndpoint).Port;

    private SyslogForwarder Forwarder(Uri address, string? authority = null) =>
        new(store, new ControllerOptions { Syslog = new(address, authority) }, time, NullLogger<SyslogForwarder>.Instance);

    /// <summary>The forwarder waits before it tries again, for a time that the test lets pass.</summary>
    private async Task<TcpClient> ReconnectedAsync()
    {
        var accepted = collector.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask();
        while (await Task.WhenAny(accepted, Task.Delay(20, TestContext.Current.CancellationToken)) != accepted)
        {
            time.Advance(TimeSpan.FromSeconds(5));
        }

        return await accepted;
    }

    private void Append(int records) => store.AppendAudit([.. Enumerable.Range(0, records).Select(i => new AuditRecord { Time = time.GetUtcNow(), Actor = $"ä{i}", Action = "a", Outcome = AuditRecord.Ok })]);

    private static IEnumerable<long> Numbers(long first, long last) => Enumerable.Range((int)first, (int)(last - first + 1)).Select(n => (long)n);

    /// <summary>The numbers of the records that come, so many or until one.</summary>
    private static async Task<List<long>> ReadAsync(Stream stream, int count = int.MaxValue, long until = long.MaxValue)
    {
        var numbers = new List<long>();
        while (numbers.Count < count && (numbers.Count == 0 || numbers[^1] < until))
        {
            var length = new StringBuilder();
            var one = new byte[1];
            while (true)
            {
                await stream.ReadExactlyAsync(one, TestContext.Current.CancellationToken);
                if (one[0] == ' ')
                {
                    break;
                }

                length.Append((char)one[0]);
            }

            var message = new byte[int.Parse(length.ToString(), CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(message, TestContext.Current.CancellationToken);
            numbers.Add(long.Parse(Regex.Match(Encoding.UTF8.GetString(message), "^<109>1 .*\\|externalId=([0-9]+) ").Groups[1].Value, CultureInfo.InvariantCulture));
        }

        return numbers;
    }
}
