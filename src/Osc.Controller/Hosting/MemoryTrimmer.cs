namespace Osc.Controller.Hosting;

/// <summary>
/// Gives memory back after work: taking in thousands of documents needs several times the memory that keeping them does, and the server's collector,
/// which is set for few pauses, holds on to it for as long as the machine has more.
/// </summary>
internal sealed class MemoryTrimmer(TimeProvider time) : BackgroundService
{
    /// <summary>Less than this, in bytes, is not worth a collection.</summary>
    private const long Threshold = 64 << 20;

    /// <summary>Who allocates less than this between two looks, in bytes, has nothing to do that a pause would hold up.</summary>
    private const long Idle = 2 << 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var (seen, collected) = (GC.GetTotalAllocatedBytes(), 0L);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var allocated = GC.GetTotalAllocatedBytes();
                if (allocated - seen < Idle && allocated - collected > Threshold)
                {
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    collected = allocated;
                }

                seen = allocated;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }
}
