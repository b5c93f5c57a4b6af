using System.Globalization;
using Osc.Audit;
using Osc.Store;

namespace Osc.Controller.Clocks;

/// <summary>
/// Records that the machine's clock does not go on from where it was, so that who reads the log knows why its times do: it was set while the controller ran, or it stands before
/// the newest record when the controller starts. A machine that slept looks like one whose clock was set ahead.
/// </summary>
public sealed partial class ClockWatch(PolicyStore store, TimeProvider time, ILogger<ClockWatch> log) : BackgroundService
{
    /// <summary>Less is what clocks are put right by all the time.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SteadyClock clock = new(time);
    private TimeSpan known;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        LookBack();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    /// <summary>By order, not by time, the last record: one that was made while the clock was far ahead is not held against every later start.</summary>
    private void LookBack()
    {
        try
        {
            if (store.QueryAudit(new() { Limit = 1 }).Items.FirstOrDefault() is { } last && time.GetUtcNow() - last.Time is var by && by < -Tolerance)
            {
                Record(by);
            }
        }
        catch (StoreException e)
        {
            LogNotRecorded(e.Message);
        }
    }

    private void Look()
    {
        var ahead = time.GetUtcNow() - clock.Now;
        if ((ahead - known).Duration() <= Tolerance)
        {
            return;
        }

        try
        {
            Record(ahead - known);
            known = ahead;
        }
        catch (StoreException e)
        {
            // The next look tries again.
            LogNotRecorded(e.Message);
        }
    }

    private void Record(TimeSpan by)
    {
        store.AppendAudit([new()
        {
            Time = time.GetUtcNow(),
            Actor = Origin.Controller.Actor,
            Action = AuditAction.ClockJump,
            After = string.Create(CultureInfo.InvariantCulture, $$"""{"seconds":{{Math.Round(by.TotalSeconds)}}}"""),
            Outcome = AuditRecord.Ok,
        }]);
        LogJumped(by);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the machine's clock jumped by {By}: tokens, codes, emergency policies and keys of repeatable requests last as long as it says")]
    private partial void LogJumped(TimeSpan by);

    [LoggerMessage(Level = LogLevel.Error, Message = "that the machine's clock jumped is not in the audit log: {Reason}")]
    private partial void LogNotRecorded(string reason);
}
