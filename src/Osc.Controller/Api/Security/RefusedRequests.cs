using Osc.Audit;
using Osc.Controller.Api.Requests;
using Osc.Controller.Clocks;
using Osc.Store;

namespace Osc.Controller.Api.Security;

/// <summary>
/// Records requests that were refused for who made them (401, 403) in the audit log, before they are answered. Bounded, so
/// that a flood of them does not fill the disk: beyond a number a minute they are only counted, and the count is a record.
/// </summary>
public sealed partial class RefusedRequests(PolicyStore store, TimeProvider time, ILogger<RefusedRequests> log) : IHostedService
{
    /// <summary>So many are recorded one by one in each minute.</summary>
    public const int MaxPerWindow = 100;

    private const int MaxPath = 200;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly SteadyClock clock = new(time);
    private DateTimeOffset windowEnd;
    private int recorded;
    private long uncounted;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // Errors write their bodies, and may send them, before control is back here.
        context.Response.OnStarting(() =>
        {
            if (context.Response.StatusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden)
            {
                Record(context);
            }

            return Task.CompletedTask;
        });
        await next(context);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Append(Uncounted());
        }

        return Task.CompletedTask;
    }

    private void Record(HttpContext context)
    {
        var origin = Caller.Of(context);
        var request = context.Request;
        lock (gate)
        {
            var now = time.GetUtcNow();
            var records = new List<AuditRecord>();
            if (clock.Now >= windowEnd)
            {
                records.AddRange(Uncounted());
                (windowEnd, recorded) = (clock.Now + Window, 0);
            }

            if (++recorded > MaxPerWindow)
            {
                uncounted++;
            }
            else
            {
                records.Add(RecordOf(origin, now, $"{context.Response.StatusCode} {Bounded(request.Method)} {Bounded(request.Path)}"));
            }

            Append(records);
        }
    }

    private IReadOnlyList<AuditRecord> Uncounted()
    {
        if (uncounted == 0)
        {
            return [];
        }

        var record = RecordOf(Origin.Controller, time.GetUtcNow(), $"{uncounted} more requests were refused and are not recorded one by one");
        uncounted = 0;
        return [record];
    }

    private void Append(IReadOnlyList<AuditRecord> records)
    {
        if (records.Count == 0)
        {
            return;
        }

        try
        {
            store.AppendAudit(records);
        }
        catch (StoreException e)
        {
            // The request stays refused; the log has what the store could not take.
            LogNotRecorded(records[^1].Outcome, e.Message);
        }
    }

    private static AuditRecord RecordOf(Origin origin, DateTimeOffset now, string outcome) => new()
    {
        Time = now,
        Actor = origin.Actor,
        Address = origin.Address,
        RequestId = origin.RequestId,
        Reason = origin.Reason,
        Action = AuditAction.RequestRefused,
        Outcome = outcome,
    };

    /// <summary>Without what would begin a line of its own, or steer a terminal, where the log is read.</summary>
    private static string Bounded(string path)
    {
        var plain = string.Concat(path.Take(MaxPath + 1).Select(c => char.IsControl(c) ? '?' : c));
        return plain.Length <= MaxPath ? plain : plain[..MaxPath] + "...";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "a refused request is not in the audit log: {Request}: {Reason}")]
    private partial void LogNotRecorded(string request, string reason);
}
