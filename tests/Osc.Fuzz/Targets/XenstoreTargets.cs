using System.Text;
using System.Threading.Channels;
using Osc.Fuzz.Engine;
using Osc.Xen.Vifs;
using Osc.Xen.Xenstore;

namespace Osc.Fuzz.Targets;

/// <summary>What a xenstore server answers, message by message, and what is made of it: the interfaces of guests, a domain's path, a transaction.</summary>
internal static class XenstoreTargets
{
    private static readonly XenstorePath Directory = XenstorePath.Parse("backend/vif");

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new() { Name = "xenstore", MaxBytes = 12 * 1024, Seeds = () => [Conversation(), Failures()], Run = Ask, Mend = MendLengths, UsesThreads = true },
    ];

    /// <summary>One guest with one interface.</summary>
    private static byte[] Conversation()
    {
        string[] identity = ["02:00:00:00:00:01", "0", "vif7.0"];
        (MessageType Type, string Payload)[] said =
        [
            (MessageType.Directory, "7\0"), (MessageType.Directory, "0\0"), (MessageType.Directory, "mac\0handle\0vifname\0state\0"),
            .. identity.Select(v => (MessageType.Read, v)),
            (MessageType.Read, "4"), (MessageType.Read, "br0"), (MessageType.Read, "/etc/xen/scripts/vif"), (MessageType.Read, "1"), (MessageType.Read, "/vm/0f8fad5b-d9cb-469f-a165-70867728950e"),
            .. identity.Select(v => (MessageType.Read, v)),
            (MessageType.GetDomainPath, "/local/domain/7\0"), (MessageType.TransactionStart, "1\0"), (MessageType.TransactionEnd, "OK\0"),
        ];
        return [.. said.SelectMany((s, i) => Message(s.Type, (uint)i + 1, s.Payload))];
    }

    private static byte[] Failures() =>
    [
        .. Message(MessageType.WatchEvent, 0, "backend/vif/7\0osc-1\0"), .. Message(MessageType.Error, 1, "E2BIG\0"), .. Message(MessageType.DirectoryPart, 2, "5\0" + "7\0"), .. Message(MessageType.DirectoryPart, 3, "5\0\0"),
        .. Message(MessageType.Error, 4, "ENOENT\0"), .. Message(MessageType.Error, 5, "EACCES\0"), .. Message(MessageType.Error, 6, "EAGAIN\0"),
    ];

    private static byte[] Message(MessageType type, uint request, string payload)
    {
        var message = new byte[MessageHeader.Size + payload.Length];
        new MessageHeader(type, request, 0, (uint)payload.Length).Write(message);
        Encoding.Latin1.GetBytes(payload, message.AsSpan(MessageHeader.Size));
        return message;
    }

    private static byte[] MendLengths(byte[] input)
    {
        var (result, request) = (new List<byte>(), 0u);
        for (var at = 0; at + MessageHeader.Size <= input.Length;)
        {
            var header = MessageHeader.Read(input.AsSpan(at));
            var length = (int)Math.Min(header.Length, (uint)(input.Length - at - MessageHeader.Size));
            request += header.Type == MessageType.WatchEvent ? 0u : 1u;
            var mended = new byte[MessageHeader.Size];
            (header with { RequestId = request, Length = (uint)length }).Write(mended);
            result.AddRange(mended);
            result.AddRange(input.AsSpan(at + MessageHeader.Size, length));
            at += MessageHeader.Size + length;
        }

        return [.. result];
    }

    private static string Ask(byte[] input) => AskAsync(input).WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult();

    private static async Task<string> AskAsync(byte[] input)
    {
        var connections = new Queue<RecordedServer>([new(input)]);
        await using var client = new XenstoreClient(() => connections.TryDequeue(out var server) ? server : throw new IOException("there is but one connection"));
        var reader = new VifReader(client, Directory);
        var ids = await reader.ListAsync(VifScope.All, CancellationToken.None);
        var shape = ids.IsGiven ? $"{Math.Min(ids.Value.Count, 3)} vifs" : Shape.Of(ids.Failure.ToString());
        foreach (var id in ids.IsGiven ? ids.Value.Take(3) : [])
        {
            var vif = await reader.ReadAsync(id, CancellationToken.None);
            shape += vif.IsGiven ? $", {vif.Value.Vif?.State} {vif.Value.Vif?.Mac is null}" : Shape.Of(vif.Failure.ToString());
        }

        var path = await client.GetDomainPathAsync(7);
        var begun = await client.BeginAsync();
        if (begun.IsGiven)
        {
            shape += $", {await begun.Value.CommitAsync()}";
        }

        return Shape.Of($"{shape}, {path.IsGiven}, {begun.Failure?.Error}");
    }

    /// <summary>For each request the next recorded answer, with the events before it; then the connection ends.</summary>
    private sealed class RecordedServer(byte[] recorded) : IXenstoreChannel
    {
        private readonly Channel<byte[]> said = Channel.CreateUnbounded<byte[]>();
        private byte[] left = [];
        private int next;

        public int MaxPayload => XenstoreLimits.Payload;

        public bool IsOneAtATime => false;

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
            lock (said)
            {
                for (var isAnswer = false; !isAnswer && next < recorded.Length;)
                {
                    var end = recorded.Length;
                    if (recorded.Length - next >= MessageHeader.Size)
                    {
                        var header = MessageHeader.Read(recorded.AsSpan(next));
                        isAnswer = header.Type != MessageType.WatchEvent;
                        end = (int)Math.Min(end, (long)next + MessageHeader.Size + header.Length);
                    }

                    said.Writer.TryWrite(recorded[next..end]);
                    next = end;
                }

                if (next == recorded.Length)
                {
                    said.Writer.TryComplete();
                }
            }

            return ValueTask.CompletedTask;
        }

        public void Dispose() => said.Writer.TryComplete();
    }
}
