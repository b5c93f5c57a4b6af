namespace Osc.Switch.Ovsdb;

/// <summary>
/// Cuts a stream of JSON values, which nothing separates (RFC 7047 section 4), into single ones, looking at each byte once.
/// What is between the outermost brackets is left to a JSON parser.
/// </summary>
internal sealed class JsonFrames(int maxBytes = JsonFrames.DefaultMaxBytes)
{
    /// <summary>A database of several 10,000 ports fits several times.</summary>
    public const int DefaultMaxBytes = 64 * 1024 * 1024;

    private const int InitialBytes = 16 * 1024;

    private byte[] buffer = new byte[InitialBytes];
    private int start;
    private int scanned;
    private int end;
    private int depth;
    private bool inText;
    private bool escaped;

    /// <summary>Room for more bytes; tell of them by <see cref="Filled"/>.</summary>
    public Memory<byte> Room()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, scanned, end) = (0, scanned - start, end - start);
        }

        if (end == buffer.Length)
        {
            Array.Resize(ref buffer, Math.Min(buffer.Length * 2, maxBytes + 1));
        }
        else if (end == 0 && buffer.Length > InitialBytes * 16)
        {
            // What the first, whole picture needed is not needed for changes.
            buffer = new byte[InitialBytes];
        }

        return buffer.AsMemory(end);
    }

    public void Filled(int count) => end += count;

    /// <summary>Takes the next whole value; it is valid until <see cref="Room"/>.</summary>
    /// <param name="error">Why no value can come any more; null while one can.</param>
    public bool TryTake(out ReadOnlyMemory<byte> frame, out string? error)
    {
        error = null;
        for (; scanned < end; scanned++)
        {
            var b = buffer[scanned];
            if (depth == 0 && b is not ((byte)'{' or (byte)'[' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                frame = default;
                error = $"byte 0x{b:x2} where a JSON object begins";
                return false;
            }

            if (Scan(b))
            {
                scanned++;
                frame = buffer.AsMemory(start, scanned - start);
                start = scanned;
                return true;
            }
        }

        frame = default;
        error = end - start > maxBytes ? $"a message of more than {maxBytes} bytes" : null;
        return false;
    }

    /// <returns>Whether the byte closes the outermost bracket.</returns>
    private bool Scan(byte b)
    {
        if (inText)
        {
            inText = escaped || b != (byte)'"';
            escaped = !escaped && b == (byte)'\\';
            return false;
        }

        switch (b)
        {
            case (byte)'"':
                inText = true;
                return false;
            case (byte)'{' or (byte)'[':
                depth++;
                return false;
            case (byte)'}' or (byte)']':
                depth--;
                return depth == 0;
            default:
                return false;
        }
    }
}
