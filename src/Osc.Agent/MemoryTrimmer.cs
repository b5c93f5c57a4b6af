namespace Osc.Agent;

/// <summary>
/// Gives memory back after work: taking in ten thousand flows needs several times the memory that keeping them does, and a process
/// that then waits for hours would hold on to it, since the collector runs only when something is allocated.
/// </summary>
internal sealed class MemoryTrimmer : IDisposable
{
    /// <summary>Less garbage than this, in bytes, is not worth a collection.</summary>
    private const long Threshold = 4 << 20;

    /// <summary>How long it must have been quiet: nobody waits for an answer then.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private readonly Timer timer;
    private long collectedAt;

    public MemoryTrimmer() => timer = new(_ => Trim());

    /// <summary>The agent has nothing to do just now.</summary>
    public void NoteQuiet() => timer.Change(Quiet, Timeout.InfiniteTimeSpan);

    public void Dispose() => timer.Dispose();

    private void Trim()
    {
        if (GC.GetTotalAllocatedBytes() - collectedAt > Threshold)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            collectedAt = GC.GetTotalAllocatedBytes();
        }
    }
}
