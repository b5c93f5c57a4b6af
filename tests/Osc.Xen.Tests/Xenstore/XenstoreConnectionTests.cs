using System.Threading.Channels;
using CsCheck;
using Osc.Xen.Xenstore;
using Xunit;

namespace Osc.Xen.Tests.Xenstore;

/// <summary>A client and a server that a test plays: answers late, wrong, hostile or not at all.</summary>
public sealed class XenstoreConnectionTests
{
    /// <summary>A test that waits for what never comes fails instead of holding up the run.</summary>
    private const int TimeoutMilliseconds = 60_000;

    private static readonly XenstorePath Path = XenstorePath.Parse("/a");
    private static readonly XenstoreTiming Quick = new(TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Answers_are_matched_to_requests_by_their_numbers()
    {
        var held = new List<Request>();
        await using var client = Client(new ScriptedServer((server, request) =>
        {
            held.Add(request);
            if (held.Count == 3)
            {
                held.Reverse();
                held.ForEach(r => server.Reply(r, r.Texts[0]));
            }
        }));
        var asked = new[] { "/a", "/b", "/c" };
        var answers = await Task.WhenAll(asked.Select(p => client.ReadAsync(XenstorePath.Parse(p))));
        Assert.Equal(asked, answers.Select(a => a.Value?.TrimEnd('\0')));
    }

    /// <summary>As Linux's device wants it: what came before the answer got into the message before.</summary>
    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_channel_for_one_at_a_time_gets_a_request_only_after_the_answer_to_the_one_before()
    {
        var held = new Queue<Request>();
        using var came = new SemaphoreSlim(0);
        var server = new ScriptedServer((_, request) =>
        {
            held.Enqueue(request);
            came.Release();
        })
        { IsOneAtATime = true };
        await using var client = Client(server);
        var connected = client.ReadAsync(Path);
        await came.WaitAsync(TestContext.Current.CancellationToken);
        server.Reply(held.Dequeue(), "there");
        await connected;

        using var impatience = new CancellationTokenSource();
        var given = client.ReadAsync(XenstorePath.Parse("/b"), impatience.Token);
        Task<Reply<string>>[] waiting = [client.ReadAsync(XenstorePath.Parse("/c")), client.ReadAsync(XenstorePath.Parse("/d"))];
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        var order = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            await came.WaitAsync(TestContext.Current.CancellationToken);
            var request = Assert.Single(held);
            order.Add(request.Texts[0]);
            server.Reply(held.Dequeue(), request.Texts[0]);
        }

        Assert.Equal(["/b", "/c", "/d"], order);
        Assert.Equal(["/c", "/d"], (await Task.WhenAll(waiting)).Select(a => a.Value));
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("ENOENT", XenstoreError.NotFound)]
    [InlineData("EACCES", XenstoreError.AccessDenied)]
    [InlineData("EAGAIN", XenstoreError.Conflict)]
    [InlineData("ENOSPC", XenstoreError.QuotaExceeded)]
    [InlineData("EWHATEVER", XenstoreError.Other)]
    public async Task Errors_are_values(string name, XenstoreError error)
    {
        await using var client = Client(new ScriptedServer((server, request) => server.Fail(request, name)));
        var reply = await client.ReadAsync(Path);
        Assert.Equal(error, reply.Failure?.Error);
        Assert.Equal($"Read: {name}", reply.Failure?.Detail);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_request_that_is_too_long_is_never_sent()
    {
        var server = new ScriptedServer((server, request) => server.Reply(request, "OK\0")) { MaxPayload = 100 };
        await using var client = Client(server);
        Assert.Equal(XenstoreError.TooLong, (await client.WriteAsync(Path, new byte[98]))?.Error);
        Assert.Null(await client.WriteAsync(Path, new byte[97]));
        Assert.Single(server.Requests);
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData(MessageType.Write, 0, "an answer of type 11 to a request of type 2")]
    [InlineData(MessageType.Read, 1, "an answer of type 2 to no request")]
    [InlineData(MessageType.WatchEvent, 0, "a watch event without path or token")]
    public async Task An_answer_that_makes_no_sense_ends_the_connection(MessageType type, uint off, string reason)
    {
        var server = new ScriptedServer((server, request) => server.Say(request.Header with { Type = type, RequestId = request.Header.RequestId + off }, "x"));
        await using var client = Client(server);
        var failure = (await client.ReadAsync(Path)).Failure;
        Assert.Equal((XenstoreError.ConnectionLost, reason), (failure?.Error, failure?.Detail));
        await server.Closed.Task;
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Hostile_bytes_end_every_request_and_throw_nothing() =>
        await Gen.Select(Gen.Byte.Array[0, 200], Gen.UInt[0, 30], Gen.UInt[0, 3], Gen.UInt[0, 5_000]).SampleAsync(async (bytes, type, number, length) =>
        {
            await using var client = Client(new ScriptedServer((server, _) =>
            {
                var header = new byte[MessageHeader.Size];
                new MessageHeader((MessageType)type, number, 0, length).Write(header);
                server.Say([.. header, .. bytes]);
                server.Say([]);
            }));
            var read = client.ReadAsync(Path);
            var list = client.ListAsync(Path);
            var begin = client.BeginAsync();
            await Task.WhenAll(read, list, begin);
            Assert.True(read.Result.IsGiven || read.Result.Failure is not null);
        }, iter: 300);

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_list_that_never_ends_is_given_up()
    {
        await using var client = Client(new ScriptedServer((server, request) =>
        {
            if (request.Type == MessageType.Directory)
            {
                server.Fail(request, "E2BIG");
            }
            else
            {
                server.Reply(request, "7\0" + new string('x', 4_000) + "\0");
            }
        }));
        Assert.Equal(XenstoreError.Busy, (await client.ListAsync(Path)).Failure?.Error);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_list_that_changes_between_its_parts_is_read_anew()
    {
        string[] parts = ["1\0a\0", "2\0old\0", "2\0b\0", "2\0c\0\0"];
        var next = 0;
        await using var client = Client(new ScriptedServer((server, request) =>
        {
            if (request.Type == MessageType.Directory)
            {
                server.Fail(request, "E2BIG");
            }
            else
            {
                server.Reply(request, parts[next++]);
            }
        }));
        Assert.Equal(["b", "c"], (await client.ListAsync(Path)).Value!);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_cancelled_request_leaves_the_connection_whole()
    {
        var server = ScriptedServer.Silent;
        await using var client = Client(server);
        using var cancel = new CancellationTokenSource();
        var given = client.ReadAsync(Path, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        var other = client.ReadAsync(Path);
        server.Reply(server.Requests[0], "late");
        server.Reply(server.Requests[1], "right");
        Assert.Equal("right", (await other).Value);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_transaction_that_nobody_waits_for_is_ended()
    {
        var ended = new TaskCompletionSource<Request>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new ScriptedServer((_, request) =>
        {
            if (request.Type == MessageType.TransactionEnd)
            {
                ended.SetResult(request);
            }
        });
        await using var client = Client(server);
        using var cancel = new CancellationTokenSource();
        var beginning = client.BeginAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => beginning);
        server.Reply(server.Requests[0], "42\0");
        var request = await ended.Task;
        Assert.Equal((42u, "F\0"), (request.Header.Transaction, request.Payload));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        await using var client = Client(ScriptedServer.Silent, Quick with { ReplyLimit = TimeSpan.FromMilliseconds(20) });
        Assert.Equal("xenstored has not answered for 0 s", (await client.ReadAsync(Path)).Failure?.Detail);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_watch_is_set_anew_on_every_connection_and_says_when_it_was_not()
    {
        var attempts = 0;
        var set = Channel.CreateUnbounded<(ScriptedServer Server, Request Request)>();
        await using var client = new XenstoreClient(
            () => ++attempts == 2 ? throw new IOException("nobody listens") : new ScriptedServer((server, request) =>
            {
                // Without the request's number, as old Linux answers.
                server.Say(request.Header with { RequestId = 0 }, "OK\0");
                set.Writer.TryWrite((server, request));
            }),
            Quick);
        await using var watch = client.Watch(Path);
        var (first, asked) = await set.Reader.ReadAsync();
        first.Announce("/a/b", asked.Texts[1]);
        Assert.Equal(new WatchSignal.Changed("/a/b"), await NextAsync(watch));
        first.Say([]);
        Assert.Equal("xenstored closed the connection", Assert.IsType<WatchSignal.Lost>(await NextAsync(watch)).Failure.Detail);
        Assert.Equal("nobody listens", Assert.IsType<WatchSignal.Lost>(await NextAsync(watch)).Failure.Detail);
        var (second, askedAnew) = await set.Reader.ReadAsync();
        Assert.Equal((MessageType.Watch, asked.Payload), (askedAnew.Type, askedAnew.Payload));
        second.Announce("/a", askedAnew.Texts[1]);
        Assert.Equal(new WatchSignal.Changed("/a"), await NextAsync(watch));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_flood_of_events_that_nobody_reads_ends_the_connection()
    {
        var server = new ScriptedServer((server, request) =>
        {
            server.Reply(request, "OK\0");
            for (var i = 0; i < 200_000; i++)
            {
                server.Announce("/a", request.Texts[1]);
            }
        });
        await using var client = Client(server);
        await using var watch = client.Watch(Path);
        await server.Closed.Task;
        var count = 0;
        WatchSignal signal;
        while ((signal = await NextAsync(watch)) is WatchSignal.Changed)
        {
            count++;
        }

        Assert.Equal("more watch events than anybody takes", Assert.IsType<WatchSignal.Lost>(signal).Failure.Detail);
        Assert.Equal(100_000, count);
    }

    private static async Task<WatchSignal> NextAsync(XenstoreWatch watch)
    {
        WatchSignal? signal;
        while (!watch.TryTake(out signal))
        {
            await watch.WaitAsync(TestContext.Current.CancellationToken);
        }

        return signal!;
    }

    private static XenstoreClient Client(ScriptedServer server, XenstoreTiming? timing = null) => new(() => server, timing ?? Quick);
}
