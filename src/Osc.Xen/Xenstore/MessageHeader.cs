using System.Runtime.InteropServices;

namespace Osc.Xen.Xenstore;

/// <summary>
/// What stands before every message: struct xsd_sockmsg, four 32-bit numbers in the host's byte order.
/// <code>
///   0        4           8           12
///   +--------+-----------+-----------+--------+
///   | type   | requestId | transact. | length |  then length bytes of payload
///   +--------+-----------+-----------+--------+
/// </code>
/// </summary>
/// <param name="RequestId">The request's own number, which its answer repeats; says nothing in a watch event.</param>
/// <param name="Transaction">0 for none.</param>
/// <param name="Length">Of the payload that follows, in bytes.</param>
public readonly record struct MessageHeader(MessageType Type, uint RequestId, uint Transaction, uint Length)
{
    public const int Size = 16;

    /// <param name="bytes">At least <see cref="Size"/>.</param>
    public static MessageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, uint>(bytes[..Size]);
        return new((MessageType)words[0], words[1], words[2], words[3]);
    }

    /// <param name="bytes">At least <see cref="Size"/>.</param>
    public void Write(Span<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, uint>(bytes[..Size]);
        words[0] = (uint)Type;
        words[1] = RequestId;
        words[2] = Transaction;
        words[3] = Length;
    }
}
