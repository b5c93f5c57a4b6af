using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Threading.Channels;
using Osc.Audit;
using Osc.Controller.Configuration;
using Osc.Controller.Hosting;
using Osc.Store;

namespace Osc.Controller.Audit;

/// <summary>
/// Sends every audit record to a collector, in order, from the oldest in the store on. How far it came is in the store. TCP does not say what the other end
/// has read, so after a break the last records sent come again: what is known to be sent is what was sent before the last batch.
/// </summary>
public sealed partial class SyslogForwarder(PolicyStore store, ControllerOptions options, TimeProvider time, ILogger<SyslogForwarder> log) : BackgroundService
{
    /// <summary>The name under which the store knows how far this came.</summary>
    public const string Follower = "syslog";

    /// <summary>Records that are sent together, and that come again after a break.</summary>
    public const int Batch = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private string? trouble;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Syslog is not { } settings)
        {
            return;
        }

        await Task.Yield();
        while (true)
        {
            try
            {
                await using var connection = await SyslogConnection.OpenAsync(settings, stoppingToken);
                LogConnected(settings.Collector);
                trouble = null;
                await FollowAsync(connection, stoppingToken);
                Note("the collector ended the connection");
            }
            catch (Exception e) when (e is IOException or SocketException or AuthenticationException or CryptographicException or StoreException)
            {
                Note(e.Message);
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    /// <summary>Until the collector leaves.</summary>
    private async Task FollowAsync(SyslogConnection connection, CancellationToken cancellation)
    {
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void Wake() => changed.Writer.TryWrite(true);

        store.Changed += Wake;
        try
        {
            var closed = connection.ClosedAsync(cancellation);
            var sent = store.ReadFollower(Follower);
            while (!closed.IsCompleted)
            {
                var page = store.QueryAudit(new() { Ascending = true, Cursor = sent, Limit = Batch });
                if (page.Items.Count > 0)
                {
                    await connection.SendAsync(page.Items.Select(r => AuditCef.Syslog(r, Environment.MachineName, ProductVersion.Text)), cancellation);
                    store.SetFollower(Follower, sent);
                    sent = page.Items[^1].Sequence;
                }

                if (page.Next is null)
                {
                    await Task.WhenAny(closed, changed.Reader.WaitToReadAsync(cancellation).AsTask());
                    changed.Reader.TryRead(out _);
                }
            }

            await closed;
        }
        finally
        {
            store.Changed -= Wake;
        }
    }

    /// <summary>The same is said once for as long as it lasts.</summary>
    private void Note(string reason)
    {
        if (trouble != reason)
        {
            trouble = reason;
            LogNotSent(reason);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "audit records go to {Collector}")]
    private partial void LogConnected(Uri collector);

    [LoggerMessage(Level = LogLevel.Warning, Message = "audit records wait for their collector: {Reason}")]
    private partial void LogNotSent(string reason);
}
