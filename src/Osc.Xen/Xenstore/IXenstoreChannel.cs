namespace Osc.Xen.Xenstore;

/// <summary>
/// A way to a xenstore server that carries bytes. One reads and one writes at a time. Dispose ends a read that is under way.
/// Throws <see cref="IOException"/> when the way is no more.
/// </summary>
internal interface IXenstoreChannel : IDisposable
{
    /// <summary>The longest payload that it carries, in bytes.</summary>
    int MaxPayload { get; }

    /// <summary>Whether a request may be written only after the one before it was answered.</summary>
    bool IsOneAtATime { get; }

    /// <summary>Waits for bytes.</summary>
    /// <returns>How many came; 0 when the other end closed.</returns>
    ValueTask<int> ReadAsync(Memory<byte> bytes);

    /// <summary>Sends one whole message.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> message);
}
