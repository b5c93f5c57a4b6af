using System.Buffers.Text;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Osc.Controller.Configuration;

namespace Osc.Controller.Audit;

/// <summary>A connection to a collector: syslog over TCP (RFC 6587, octet counting) or TLS (RFC 5425), which frames alike.</summary>
internal sealed class SyslogConnection : IAsyncDisposable
{
    private readonly TcpClient client;
    private readonly Stream stream;

    private SyslogConnection(TcpClient client, Stream stream) => (this.client, this.stream) = (client, stream);

    /// <exception cref="SocketException">There is nobody.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">It is not the collector that is meant.</exception>
    /// <exception cref="IOException">The connection ended, or the authority's file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The authority's file holds no certificates.</exception>
    public static async Task<SyslogConnection> OpenAsync(SyslogSettings settings, CancellationToken cancellation)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(settings.Collector.Host, settings.Collector.Port, cancellation);
            if (settings.Collector.Scheme == SyslogSettings.Plain)
            {
                return new(client, client.GetStream());
            }

            var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = settings.Collector.Host, CertificateChainPolicy = PolicyOf(settings) }, cancellation);
            return new(client, tls);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <exception cref="IOException">The connection ended.</exception>
    public async Task SendAsync(IEnumerable<string> messages, CancellationToken cancellation)
    {
        using var frames = new MemoryStream();
        var length = new byte[20];
        foreach (var message in messages)
        {
            var bytes = Encoding.UTF8.GetBytes(message);
            Utf8Formatter.TryFormat(bytes.Length, length, out var digits);
            frames.Write(length.AsSpan(0, digits));
            frames.WriteByte((byte)' ');
            frames.Write(bytes);
        }

        await stream.WriteAsync(frames.GetBuffer().AsMemory(0, (int)frames.Length), cancellation);
        await stream.FlushAsync(cancellation);
    }

    /// <summary>Ends when the collector ends the connection. A collector says nothing.</summary>
    public async Task ClosedAsync(CancellationToken cancellation)
    {
        var heard = new byte[256];
        while (await stream.ReadAsync(heard, cancellation) > 0)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        client.Dispose();
    }

    private static X509ChainPolicy PolicyOf(SyslogSettings settings)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (settings.Authority is { } file)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(file);
        }

        return policy;
    }
}
