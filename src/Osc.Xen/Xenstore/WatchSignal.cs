namespace Osc.Xen.Xenstore;

/// <summary>What a watch tells.</summary>
public abstract record WatchSignal
{
    /// <summary>
    /// Something at or below the watched path may have changed; also once whenever the watch was set, so that the reader looks at
    /// everything after each interruption.
    /// </summary>
    /// <param name="Path">What changed; the watched path itself also if something above it was removed. Relative if the watched path is.</param>
    public sealed record Changed(string Path) : WatchSignal;

    /// <summary>The watch is not set at present: events are lost until the next <see cref="Changed"/>.</summary>
    public sealed record Lost(XenstoreFailure Failure) : WatchSignal;
}
