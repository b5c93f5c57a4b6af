namespace Osc.Xen.Xenstore;

/// <summary>
/// A client of a xenstore server. Connects when it is first asked for something, and anew after a loss. Expected failures are
/// values; a request that was under way when the connection ended fails with <see cref="XenstoreError.ConnectionLost"/> and is not
/// sent again. Calls may come from any thread, and do not wait for each other.
/// </summary>
public sealed class XenstoreClient : IXenstoreCaller, IAsyncDisposable
{
    private readonly Func<IXenstoreChannel> open;
    private readonly XenstoreTiming timing;
    private readonly Lock gate = new();
    private XenstoreConnection? connection;
    private uint lastToken;
    private bool isDisposed;

    public XenstoreClient(XenstoreEndpoint endpoint, XenstoreTiming? timing = null, TimeProvider? clock = null)
        : this(endpoint.Open, timing, clock)
    {
    }

    /// <param name="open">Throws <see cref="IOException"/> where nobody is there.</param>
    internal XenstoreClient(Func<IXenstoreChannel> open, XenstoreTiming? timing = null, TimeProvider? clock = null)
    {
        this.open = open;
        this.timing = timing ?? XenstoreTiming.Default;
        Clock = clock ?? TimeProvider.System;
    }

    internal TimeProvider Clock { get; }

    /// <summary>Begins a transaction. A domain may have few at once: end it soon.</summary>
    public async Task<Reply<XenstoreTransaction>> BeginAsync(CancellationToken cancellation = default)
    {
        var connected = await ConnectAsync(cancellation);
        return connected.IsGiven ? await XenstoreTransaction.BeginAsync(connected.Value, cancellation) : connected.Failure;
    }

    /// <summary>Watches a path and all below it, which need not be there, until the watch is disposed.</summary>
    public XenstoreWatch Watch(XenstorePath path)
    {
        lock (gate)
        {
            return new(this, path, $"osc-{++lastToken}");
        }
    }

    async Task<Reply<byte[]>> IXenstoreCaller.CallAsync(MessageType type, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        var connected = await ConnectAsync(cancellation);
        return connected.IsGiven ? await connected.Value.CallAsync(type, 0, payload, cancellation) : connected.Failure;
    }

    /// <summary>Ends the connection; requests that are under way fail, and watches are to be disposed before.</summary>
    public ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isDisposed = true;
            connection?.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The connection, made if there is none: that works at once or not at all.</summary>
    internal Task<Reply<XenstoreConnection>> ConnectAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (connection is null || connection.Ended.IsCompleted)
            {
                try
                {
                    connection = new(open(), timing, Clock);
                }
                catch (IOException e)
                {
                    return Task.FromResult<Reply<XenstoreConnection>>(new XenstoreFailure(XenstoreError.ConnectionLost, e.Message));
                }
            }

            return Task.FromResult<Reply<XenstoreConnection>>(connection);
        }
    }

    /// <summary>How long to wait after so many attempts in vain.</summary>
    internal TimeSpan Delay(int attempts)
    {
        var delay = timing.FirstRetry * Math.Pow(2, Math.Min(attempts, 30));
        return delay < timing.LongestRetry ? delay : timing.LongestRetry;
    }
}
