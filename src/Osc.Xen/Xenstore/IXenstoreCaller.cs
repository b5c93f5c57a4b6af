namespace Osc.Xen.Xenstore;

/// <summary>Who takes requests: a client, or a transaction of it. What can be asked is in <see cref="XenstoreOperations"/>.</summary>
public interface IXenstoreCaller
{
    /// <summary>Sends a request and waits for its answer. Throws only when cancelled.</summary>
    /// <returns>The answer's payload.</returns>
    internal Task<Reply<byte[]>> CallAsync(MessageType type, ReadOnlyMemory<byte> payload, CancellationToken cancellation);
}
