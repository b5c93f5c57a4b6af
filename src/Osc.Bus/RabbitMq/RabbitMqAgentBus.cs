using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Osc.Model;

namespace Osc.Bus.RabbitMq;

/// <summary>An agent's end of the bus on RabbitMQ. Connects for ever, one session after the other.</summary>
/// <param name="time">Paces the attempts to connect.</param>
public sealed class RabbitMqAgentBus(RabbitMqOptions options, Name host, TimeProvider time) : IAgentBus
{
    private readonly Channel<RabbitMqDelivery> deliveries = Channel.CreateUnbounded<RabbitMqDelivery>(new() { SingleReader = true });
    private readonly CancellationTokenSource stop = new();
    private volatile RabbitMqSession? session;
    private Task running = Task.CompletedTask;

    public event Action? Connected;

    public event Action<string>? Disconnected;

    public bool IsConnected => session is { IsOpen: true };

    public Task StartAsync(CancellationToken cancellation)
    {
        running = Task.Run(RunAsync, cancellation);
        return Task.CompletedTask;
    }

    public Task<bool> TrySendAsync(AgentMessage message, CancellationToken cancellation) =>
        session?.TrySendAsync(BusJson.Encode(message), cancellation) ?? Task.FromResult(false);

    public async IAsyncEnumerable<Decoded<ControllerMessage>> ReceiveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var delivery in deliveries.Reader.ReadAllAsync(cancellation))
        {
            // What an earlier session left unconsumed comes again through the present one.
            if (delivery.Session.IsOpen)
            {
                yield return BusJson.DecodeControllerMessage(delivery.Body);
                await delivery.Session.AckAsync(delivery.Tag, cancellation);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            var failures = 0;
            while (!stop.IsCancellationRequested)
            {
                var (reason, wasOpen) = await OneSessionAsync();
                failures = wasOpen ? 1 : failures + 1;
                if (!stop.IsCancellationRequested)
                {
                    Disconnected?.Invoke(reason);
                    await Task.Delay(Delay(failures), time, stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            deliveries.Writer.TryComplete();
        }
        catch (Exception e)
        {
            // A bug: it reaches the process's edge through whoever receives.
            deliveries.Writer.TryComplete(e);
        }
    }

    /// <summary>Connects and stays until the connection is lost.</summary>
    private async Task<(string Reason, bool WasOpen)> OneSessionAsync()
    {
        try
        {
            await using var opened = await RabbitMqSession.OpenAsync(options, host, deliveries.Writer, stop.Token);
            session = opened;
            Connected?.Invoke();
            return (await opened.Closed.WaitAsync(stop.Token), true);
        }
        catch (Exception e) when (RabbitMqFailure.Describe(e) is { } reason)
        {
            return (reason, false);
        }
        finally
        {
            session = null;
        }
    }

    /// <summary>Doubles up to the longest, of which a random half is taken off, so that a thousand agents do not come back at once.</summary>
    private TimeSpan Delay(int failures)
    {
        var full = Math.Min(options.LongestDelay.TotalMilliseconds, options.FirstDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)));
        return TimeSpan.FromMilliseconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
