namespace Osc.Xen.Vifs;

/// <summary>Who knows which guests' network interfaces a domain serves.</summary>
public interface IVifSource
{
    /// <summary>Follows them until cancelled: all of them at once, then again after every change. Connects anew by itself, for ever.</summary>
    IAsyncEnumerable<VifEvent> WatchAsync(CancellationToken cancellation);
}
