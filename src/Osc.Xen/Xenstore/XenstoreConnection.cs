using System.Collections.Concurrent;

namespace Osc.Xen.Xenstore;

/// <summary>
/// One connection: requests go out as they come, or one by one if the channel wants it so, answers are matched to them by number, watch events come in between and go to whom
/// their token names, in the order in which they arrive.
/// </summary>
internal sealed class XenstoreConnection : IDisposable
{
    private readonly IXenstoreChannel channel;
    private readonly XenstoreTiming timing;
    private readonly TimeProvider clock;
    private readonly SemaphoreSlim writing = new(1);
    private readonly Lock gate = new();
    private readonly SortedDictionary<uint, PendingRequest> pending = [];
    private readonly ConcurrentDictionary<string, Func<string, bool>> takers = [];
    private readonly TaskCompletionSource<XenstoreFailure> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint lastRequest;

    public XenstoreConnection(IXenstoreChannel channel, XenstoreTiming timing, TimeProvider clock)
    {
        this.channel = channel;
        this.timing = timing;
        this.clock = clock;
        _ = ReadAsync();
    }

    /// <summary>Done when the connection is no more, with the reason. Never fails.</summary>
    public Task<XenstoreFailure> Ended => ended.Task;

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="transaction">0 for none.</param>
    public async Task<Reply<byte[]>> CallAsync(MessageType type, uint transaction, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        if (payload.Length > channel.MaxPayload)
        {
            return new XenstoreFailure(XenstoreError.TooLong, $"{type}: {payload.Length} bytes are more than the {channel.MaxPayload} that a request may have");
        }

        var request = new PendingRequest(type);
        var sending = SendAsync(request, transaction, payload);
        try
        {
            await sending.WaitAsync(timing.ReplyLimit, clock, cancellation);
            return await request.Answer.WaitAsync(timing.ReplyLimit, clock, cancellation);
        }
        catch (TimeoutException)
        {
            return End($"xenstored has not answered for {timing.ReplyLimit.TotalSeconds:0} s");
        }
        catch (OperationCanceledException)
        {
            // The answer comes all the same. A transaction that nobody waits for must not stay open: a domain may have few.
            _ = request.Answer.ContinueWith(
                answer => AbandonAsync(request.Type, answer.Result), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>From now on the events of a token go to its taker, which returns at once.</summary>
    /// <param name="take">Gets the event's path; false: it has no room, and the connection ends.</param>
    public void Listen(string token, Func<string, bool> take) => takers[token] = take;

    /// <summary>Ends listening. The watch itself stays set until it is unset or the connection ends.</summary>
    public void Ignore(string token) => takers.TryRemove(token, out _);

    public void Dispose() => End("the connection was closed");

    private async Task SendAsync(PendingRequest request, uint transaction, ReadOnlyMemory<byte> payload)
    {
        var message = new byte[MessageHeader.Size + payload.Length];
        payload.CopyTo(message.AsMemory(MessageHeader.Size));
        new MessageHeader(request.Type, Enter(request), transaction, (uint)payload.Length).Write(message);

        // A message is never cut short, whoever stops waiting for it: the stream would be of no more use.
        await writing.WaitAsync(CancellationToken.None);
        try
        {
            await channel.WriteAsync(message);
            if (channel.IsOneAtATime)
            {
                // Whether or not anybody still waits for it. The end of the connection is an answer too.
                await request.Answer;
            }
        }
        catch (IOException e)
        {
            End(e.Message);
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Notes the request as waiting for an answer.</summary>
    /// <returns>Its number: not 0, which answers that belong to no request bear.</returns>
    private uint Enter(PendingRequest request)
    {
        lock (gate)
        {
            if (ended.Task.IsCompleted)
            {
                request.Fail(ended.Task.Result);
                return 0;
            }

            do
            {
                lastRequest++;
            }
            while (lastRequest == 0 || pending.ContainsKey(lastRequest));

            pending.Add(lastRequest, request);
            return lastRequest;
        }
    }

    private async Task ReadAsync()
    {
        var frames = new MessageFrames();
        try
        {
            while (!ended.Task.IsCompleted)
            {
                if (frames.TryTake(out var header, out var payload, out var error))
                {
                    error = Dispatch(header, payload);
                }
                else if (error is null)
                {
                    var count = await channel.ReadAsync(frames.Room());
                    frames.Filled(count);
                    error = count == 0 ? "xenstored closed the connection" : null;
                }

                if (error is not null)
                {
                    End(error);
                }
            }
        }
        catch (IOException e)
        {
            End(e.Message);
        }
    }

    /// <returns>Null, or why the stream makes no sense.</returns>
    private string? Dispatch(MessageHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Type != MessageType.WatchEvent)
        {
            return Take(header) is { } request ? request.Take(header.Type, payload) : $"an answer of type {(uint)header.Type} to no request";
        }

        // Linux leaves the request number of an event undefined: only the type tells it.
        if (Payload.Texts(payload) is not { Length: >= 2 } texts)
        {
            return "a watch event without path or token";
        }

        // An event of a watch that was just unset concerns nobody.
        return !takers.TryGetValue(texts[1], out var take) || take(texts[0]) ? null : "more watch events than anybody takes";
    }

    /// <summary>Finds whom an answer is for and takes it off the list.</summary>
    private PendingRequest? Take(MessageHeader header)
    {
        lock (gate)
        {
            if (pending.Remove(header.RequestId, out var request))
            {
                return request;
            }

            // Linux before 4.11 answers the setting of a watch itself, without the request's number.
            var oldest = header is { RequestId: 0, Type: MessageType.Watch or MessageType.Unwatch } ? pending.FirstOrDefault(p => p.Value.Type == header.Type) : default;
            return oldest.Value is not null && pending.Remove(oldest.Key) ? oldest.Value : null;
        }
    }

    private Task AbandonAsync(MessageType type, Reply<byte[]> answer) =>
        type == MessageType.TransactionStart && answer.IsGiven && uint.TryParse(Payload.Text(answer.Value).TrimEnd('\0'), out var transaction)
            ? CallAsync(MessageType.TransactionEnd, transaction, Payload.Of(["F"]), CancellationToken.None)
            : Task.CompletedTask;

    private XenstoreFailure End(string reason)
    {
        PendingRequest[] left;
        lock (gate)
        {
            if (!ended.TrySetResult(new(XenstoreError.ConnectionLost, reason)))
            {
                return ended.Task.Result;
            }

            left = [.. pending.Values];
            pending.Clear();
        }

        channel.Dispose();
        foreach (var request in left)
        {
            request.Fail(ended.Task.Result);
        }

        return ended.Task.Result;
    }
}
