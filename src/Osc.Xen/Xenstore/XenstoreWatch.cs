using System.Threading.Channels;

namespace Osc.Xen.Xenstore;

/// <summary>
/// A watch that stays set: when the connection ends, or the server refuses the watch, it says so and sets it anew, for ever, with
/// growing delays. One reader.
/// </summary>
public sealed class XenstoreWatch : IAsyncDisposable
{
    /// <summary>Signals that nobody read. A reader that far behind does better to look at everything, so the connection is given up.</summary>
    private const int MaxUnread = 100_000;

    private readonly XenstoreClient client;
    private readonly XenstorePath path;
    private readonly string token;
    private readonly Channel<WatchSignal> signals = Channel.CreateUnbounded<WatchSignal>();
    private readonly CancellationTokenSource stop = new();
    private readonly Task keeping;

    internal XenstoreWatch(XenstoreClient client, XenstorePath path, string token)
    {
        this.client = client;
        this.path = path;
        this.token = token;
        keeping = KeepAsync(stop.Token);
    }

    /// <summary>Waits until there is a signal to take.</summary>
    public async Task WaitAsync(CancellationToken cancellation) => await signals.Reader.WaitToReadAsync(cancellation);

    /// <summary>
    /// Takes the next signal, if there is one. Through a socket, whoever asked the store for something, got the answer and finds no signal
    /// here knows that nothing had changed when the store answered; through Linux's device an event may come after a later answer.
    /// </summary>
    public bool TryTake(out WatchSignal? signal) => signals.Reader.TryRead(out signal);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await keeping;
    }

    private async Task KeepAsync(CancellationToken cancellation)
    {
        try
        {
            for (var attempts = 0; ; attempts++)
            {
                var connected = await client.ConnectAsync(cancellation);
                if (connected.IsGiven)
                {
                    var failure = await SetAsync(connected.Value, cancellation);
                    signals.Writer.TryWrite(new WatchSignal.Lost(failure.Failure));
                    attempts = failure.WasSet ? 0 : attempts;
                }
                else
                {
                    signals.Writer.TryWrite(new WatchSignal.Lost(connected.Failure));
                }

                await Task.Delay(client.Delay(attempts), client.Clock, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    /// <summary>Sets the watch and waits until it is set no more.</summary>
    private async Task<(bool WasSet, XenstoreFailure Failure)> SetAsync(XenstoreConnection connection, CancellationToken cancellation)
    {
        connection.Listen(token, Take);
        try
        {
            var answer = await connection.CallAsync(MessageType.Watch, 0, Payload.Of([path.Value, token]), cancellation);
            return answer.IsGiven ? (true, await connection.Ended.WaitAsync(cancellation)) : (false, answer.Failure);
        }
        finally
        {
            connection.Ignore(token);
            if (cancellation.IsCancellationRequested)
            {
                // Nobody waits for the answer: should it not be unset, its events name a token that nobody listens to.
                _ = connection.CallAsync(MessageType.Unwatch, 0, Payload.Of([path.Value, token]), CancellationToken.None);
            }
        }
    }

    private bool Take(string changed)
    {
        signals.Writer.TryWrite(new WatchSignal.Changed(changed));
        return signals.Reader.Count < MaxUnread;
    }
}
