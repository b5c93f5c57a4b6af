using Osc.Store;

namespace Osc.Controller.Audit;

/// <summary>Keeps the audit log's text index up to the log, beside the changes that fill it, so that a search has little to wait for.</summary>
public sealed partial class TextIndexing(PolicyStore store, TimeProvider time, ILogger<TextIndexing> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                store.ExtendTextIndex();
            }
            catch (StoreException e)
            {
                LogNotIndexed(e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "audit records are not in the text index yet: {Reason}")]
    private partial void LogNotIndexed(string reason);
}
