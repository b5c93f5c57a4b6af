using System.Buffers.Binary;

namespace Osc.Lab.Frames;

/// <summary>Eight bytes that tell whose a frame is, wherever in the frame they stand: "OSC", 0xc5 and a number.</summary>
public readonly record struct FrameMark(uint Number)
{
    public const int Length = 8;

    private static ReadOnlySpan<byte> Prefix => [(byte)'O', (byte)'S', (byte)'C', 0xc5];

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Prefix.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Number);
        return bytes;
    }

    /// <summary>The marks in a frame, in the order in which they stand there.</summary>
    public static IReadOnlyList<FrameMark> In(ReadOnlySpan<byte> frame)
    {
        List<FrameMark> marks = [];
        for (var at = frame.IndexOf(Prefix); at >= 0 && frame.Length >= at + Length;)
        {
            marks.Add(new(BinaryPrimitives.ReadUInt32BigEndian(frame[(at + 4)..])));
            frame = frame[(at + Length)..];
            at = frame.IndexOf(Prefix);
        }

        return marks;
    }
}
