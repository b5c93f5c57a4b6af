using CsCheck;
using Osc.Xen.Xenstore;
using Xunit;

namespace Osc.Xen.Tests.Xenstore;

public sealed class MessageFramesTests
{
    private static readonly Gen<(MessageHeader Header, byte[] Payload)> Message =
        Gen.Select(Gen.UInt, Gen.UInt, Gen.UInt, Gen.Frequency((9, Gen.Byte.Array[0, 64]), (1, Gen.Byte.Array[XenstoreLimits.Payload])))
            .Select((type, request, transaction, payload) => (new MessageHeader((MessageType)type, request, transaction, (uint)payload.Length), payload));

    [Fact]
    public void Messages_come_out_as_they_went_in_however_the_stream_is_cut() =>
        Gen.Select(Message.Array[0, 12], Gen.Int[1, 9_000]).Sample((messages, cut) =>
        {
            var frames = new MessageFrames();
            var taken = new List<(MessageHeader, byte[])>();
            foreach (var piece in messages.SelectMany(Bytes).Chunk(cut))
            {
                Assert.Null(Feed(frames, piece, taken));
            }

            Assert.Equal(messages.Select(m => (m.Header, Convert.ToHexString(m.Payload))), taken.Select(t => (t.Item1, Convert.ToHexString(t.Item2))));
        });

    [Fact]
    public void A_message_that_is_cut_off_never_comes_and_is_no_error() =>
        Gen.Select(Message, Gen.Double.Unit).Sample((message, part) =>
        {
            var bytes = Bytes(message).ToArray();
            var taken = new List<(MessageHeader, byte[])>();
            Assert.Null(Feed(new(), bytes[..(int)(part * bytes.Length)], taken));
            Assert.Empty(taken);
        });

    [Fact]
    public void A_message_longer_than_the_limit_is_an_error() =>
        Gen.UInt[XenstoreLimits.Payload + 1, uint.MaxValue].Sample(length =>
        {
            var bytes = new byte[MessageHeader.Size];
            new MessageHeader(MessageType.Read, 1, 0, length).Write(bytes);
            Assert.Contains("4096 are the limit", Feed(new(), bytes, []), StringComparison.Ordinal);
        });

    [Fact]
    public void Any_bytes_are_messages_or_an_error() =>
        Gen.Byte.Array[0, 20_000].Sample(bytes =>
        {
            var taken = new List<(MessageHeader Header, byte[] Payload)>();
            Feed(new(), bytes, taken);
            Assert.All(taken, t => Assert.Equal((int)t.Header.Length, t.Payload.Length));
        });

    private static IEnumerable<byte> Bytes((MessageHeader Header, byte[] Payload) message)
    {
        var header = new byte[MessageHeader.Size];
        message.Header.Write(header);
        return header.Concat(message.Payload);
    }

    /// <returns>The first error.</returns>
    private static string? Feed(MessageFrames frames, ReadOnlySpan<byte> bytes, List<(MessageHeader, byte[])> taken)
    {
        while (true)
        {
            while (frames.TryTake(out var header, out var payload, out var error) || error is not null)
            {
                if (error is not null)
                {
                    return error;
                }

                taken.Add((header, payload.ToArray()));
            }

            if (bytes.IsEmpty)
            {
                return null;
            }

            var room = frames.Room();
            Assert.False(room.IsEmpty);
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room.Span);
            frames.Filled(count);
            bytes = bytes[count..];
        }
    }
}
