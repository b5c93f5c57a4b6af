using System.Text;

namespace Osc.Xen.Xenstore;

/// <summary>
/// What messages carry: texts, each closed by a zero byte, and values, which are whatever is left. Texts are read and written as
/// Latin-1, so that any byte becomes a character and the same byte again.
/// </summary>
internal static class Payload
{
    private static readonly byte[] Zero = [0];

    /// <summary>The payload of a request that says nothing: one empty text.</summary>
    public static ReadOnlyMemory<byte> Empty => Zero;

    /// <summary>Texts, each closed by a zero byte, then bytes as they are.</summary>
    /// <param name="texts">Without zero bytes: their types see to that.</param>
    public static ReadOnlyMemory<byte> Of(ReadOnlySpan<string> texts, ReadOnlySpan<byte> value = default)
    {
        var length = value.Length;
        foreach (var text in texts)
        {
            length += text.Length + 1;
        }

        var payload = new byte[length];
        var at = 0;
        foreach (var text in texts)
        {
            at += Encoding.Latin1.GetBytes(text, payload.AsSpan(at)) + 1;
        }

        value.CopyTo(payload.AsSpan(at));
        return payload;
    }

    /// <summary>The text of a value, which ends with the payload.</summary>
    public static string Text(ReadOnlySpan<byte> payload) => Encoding.Latin1.GetString(payload);

    /// <summary>Reads texts, each closed by a zero byte; null if the last one is not.</summary>
    public static string[]? Texts(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return [];
        }

        return payload[^1] == 0 ? Text(payload[..^1]).Split('\0') : null;
    }
}
