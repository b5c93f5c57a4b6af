namespace Osc.Xen.Xenstore;

/// <summary>Cuts a stream of bytes into messages. Holds one message and the beginning of the next at most.</summary>
internal sealed class MessageFrames
{
    private readonly byte[] buffer = new byte[2 * (MessageHeader.Size + XenstoreLimits.Payload)];
    private int start;
    private int end;

    /// <summary>Room for more bytes, never empty after <see cref="TryTake"/> found no whole message; tell of them by <see cref="Filled"/>.</summary>
    public Memory<byte> Room()
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        return buffer.AsMemory(end);
    }

    public void Filled(int count) => end += count;

    /// <summary>Takes the next whole message.</summary>
    /// <param name="payload">Valid until <see cref="Room"/>.</param>
    /// <param name="error">Why no message can come any more; null while one can.</param>
    public bool TryTake(out MessageHeader header, out ReadOnlySpan<byte> payload, out string? error)
    {
        payload = default;
        header = default;
        error = null;
        if (end - start < MessageHeader.Size)
        {
            return false;
        }

        header = MessageHeader.Read(buffer.AsSpan(start));
        if (header.Length > XenstoreLimits.Payload)
        {
            error = $"a message of {header.Length} bytes, where {XenstoreLimits.Payload} are the limit";
            return false;
        }

        var whole = MessageHeader.Size + (int)header.Length;
        if (end - start < whole)
        {
            return false;
        }

        payload = buffer.AsSpan(start + MessageHeader.Size, (int)header.Length);
        start += whole;
        return true;
    }
}
