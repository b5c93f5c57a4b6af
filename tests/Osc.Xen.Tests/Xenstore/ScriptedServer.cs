using System.Text;
using System.Threading.Channels;
using Osc.Xen.Xenstore;

namespace Osc.Xen.Tests.Xenstore;

/// <summary>A server that a test plays: it sees each request and says what it likes, when it likes.</summary>
/// <param name="answer">Called for each request, one after the other.</param>
internal sealed class ScriptedServer(Action<ScriptedServer, Request> answer) : IXenstoreChannel
{
    private readonly Channel<byte[]> said = Channel.CreateUnbounded<byte[]>();
    private byte[] left = [];

    /// <summary>Sees requests and says nothing.</summary>
    public static ScriptedServer Silent => new(static (_, _) => { });

    public int MaxPayload { get; init; } = XenstoreLimits.Payload;

    public bool IsOneAtATime { get; init; }

    /// <summary>Done when the client closed the connection.</summary>
    public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All requests so far.</summary>
    public List<Request> Requests { get; } = [];

    /// <summary>Says bytes; none closes the connection.</summary>
    public void Say(byte[] bytes) => said.Writer.TryWrite(bytes);

    public void Say(MessageHeader header, string payload)
    {
        var message = new byte[MessageHeader.Size + payload.Length];
        (header with { Length = (uint)payload.Length }).Write(message);
        Encoding.Latin1.GetBytes(payload, message.AsSpan(MessageHeader.Size));
        Say(message);
    }

    public void Reply(Request request, string payload) => Say(request.Header, payload);

    public void Fail(Request request, string error) => Say(request.Header with { Type = MessageType.Error }, error + "\0");

    /// <summary>Announces a change, with a number in the header that means nothing, as Linux does.</summary>
    public void Announce(string path, string token) => Say(new(MessageType.WatchEvent, 77, 0, 0), $"{path}\0{token}\0");

    public async ValueTask<int> ReadAsync(Memory<byte> bytes)
    {
        if (left.Length == 0)
        {
            left = await said.Reader.WaitToReadAsync() ? await said.Reader.ReadAsync() : [];
        }

        var count = Math.Min(left.Length, bytes.Length);
        left.AsSpan(0, count).CopyTo(bytes.Span);
        left = left[count..];
        return count;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> message)
    {
        var request = new Request(MessageHeader.Read(message.Span), Encoding.Latin1.GetString(message.Span[MessageHeader.Size..]));
        Requests.Add(request);
        answer(this, request);
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        Closed.TrySetResult();
        said.Writer.TryComplete();
    }
}

internal sealed record Request(MessageHeader Header, string Payload)
{
    public MessageType Type => Header.Type;

    public string[] Texts => Payload.Split('\0');
}
