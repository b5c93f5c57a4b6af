using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Osc.Audit;
using Osc.Store;

namespace Osc.Controller.Identities;

/// <summary>Records when an identity comes from where it was never seen before, and puts the last uses of tokens on disk once a minute.</summary>
public sealed partial class AccessLog(PolicyStore store, TokenRegistry tokens, TimeProvider time, ILogger<AccessLog> log) : BackgroundService
{
    /// <summary>Pairs of identity and place that are remembered without asking the store; past that all are forgotten, and asked for again.</summary>
    private const int MaxRemembered = 100_000;

    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Identity, string Place), bool> seen = [];

    public void Note(CallerIdentity identity, Origin origin, IPAddress? address)
    {
        var place = PlaceOf(address);
        if (seen.ContainsKey((identity.ActorName, place)))
        {
            return;
        }

        try
        {
            if (!store.Access.KnowsAddress(identity.ActorName, place))
            {
                var now = time.GetUtcNow();
                store.Access.NoteAddress(identity.ActorName, place, now, new()
                {
                    Time = now,
                    Actor = identity.ActorName,
                    Address = origin.Address,
                    RequestId = origin.RequestId,
                    Action = AuditAction.AccessNewAddress,
                    After = $$"""{"by":"{{identity.Source}}"}""",
                    Outcome = AuditRecord.Ok,
                });
            }
        }
        catch (StoreException e)
        {
            // The next request tries again.
            LogNotRecorded(identity.ActorName, place, e.Message);
            return;
        }

        if (seen.Count >= MaxRemembered)
        {
            seen.Clear();
        }

        seen[(identity.ActorName, place)] = true;
    }

    /// <summary>An IPv4 address; of IPv6 the network of 64 bits, in which one machine has as many addresses as it likes.</summary>
    public static string PlaceOf(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        if (address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Save();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SaveEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Save();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
    }

    private void Save()
    {
        try
        {
            tokens.SaveUses();
        }
        catch (StoreException e)
        {
            LogNotSaved(e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "that {Identity} came from {Place} is not in the audit log: {Reason}")]
    private partial void LogNotRecorded(string identity, string place, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "last uses of tokens are not in the store: {Reason}")]
    private partial void LogNotSaved(string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "uses of tokens are saved no longer")]
    private partial void LogStopped();
}
