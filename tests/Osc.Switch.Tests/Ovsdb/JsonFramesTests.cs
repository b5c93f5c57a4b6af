using System.Text;
using CsCheck;
using Osc.Switch.Ovsdb;
using Xunit;

namespace Osc.Switch.Tests.Ovsdb;

public sealed class JsonFramesTests
{
    private static readonly string[] Messages = ["{}", "[]", """{"a":"}]{[\"\\","b":[{"c":1},[]]}""", """{"u":"é\u0022"}""", $$"""{"long":"{{new string('x', 40_000)}}"}"""];

    [Fact]
    public void Frames_are_the_same_however_the_stream_is_cut() =>
        Gen.Select(Gen.OneOf(Messages).Array[0, 8], Gen.Int[1, 7000].Array[1, 20], Gen.OneOf("", " ", "\r\n\t")).Sample((messages, cuts, between) =>
        {
            var stream = Encoding.UTF8.GetBytes(string.Concat(messages.Select(m => m + between)));
            var frames = new JsonFrames();
            var taken = new List<string>();
            for (int at = 0, i = 0; at < stream.Length; i++)
            {
                var room = frames.Room();
                var count = Math.Min(Math.Min(cuts[i % cuts.Length], room.Length), stream.Length - at);
                stream.AsMemory(at, count).CopyTo(room);
                frames.Filled(count);
                at += count;
                while (frames.TryTake(out var frame, out var error))
                {
                    Assert.Null(error);
                    taken.Add(Encoding.UTF8.GetString(frame.Span).Trim());
                }
            }

            Assert.Equal(messages, taken);
        });

    [Theory]
    [InlineData("hello")]
    [InlineData("{}}")]
    [InlineData("{} 7")]
    public void Frames_refuse_what_begins_no_object(string text)
    {
        var frames = new JsonFrames();
        Encoding.UTF8.GetBytes(text).CopyTo(frames.Room());
        frames.Filled(text.Length);
        string? error;
        while (frames.TryTake(out _, out error))
        {
        }

        Assert.Contains("where a JSON object begins", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Frames_refuse_a_message_without_end()
    {
        var frames = new JsonFrames(maxBytes: 100_000);
        string? error = null;
        for (var sent = 0; error is null;)
        {
            Assert.InRange(sent, 0, 200_000);
            var room = frames.Room();
            room.Span.Fill((byte)'[');
            frames.Filled(room.Length);
            sent += room.Length;
            Assert.False(frames.TryTake(out _, out error));
        }

        Assert.Contains("100000 bytes", error, StringComparison.Ordinal);
    }
}
