using Osc.Bus;
using Osc.Bus.RabbitMq;
using Osc.Flows;
using Osc.Model;

namespace Osc.Benchmarks.Clients;

/// <summary>An agent whose switch takes everything at once: says hello, keeps the digest of what it was sent, and acknowledges it, over the real bus.</summary>
internal sealed class SimulatedAgent(Uri broker, Name host, Tally tally) : IAsyncDisposable
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);

    private readonly RabbitMqAgentBus bus = new(new RabbitMqOptions(broker), host, TimeProvider.System);
    private readonly CancellationTokenSource stop = new();
    private readonly DateTimeOffset started = DateTimeOffset.UtcNow;
    private (long Revision, string Digest) held = (0, FlowDigest.Empty.ToString());
    private Task work = Task.CompletedTask;

    public async Task StartAsync()
    {
        bus.Connected += () => _ = GreetAsync();
        await bus.StartAsync(stop.Token);
        work = Task.WhenAll(ListenAsync(), BeatAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await work;
        await bus.DisposeAsync();
        stop.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            await foreach (var decoded in bus.ReceiveAsync(stop.Token))
            {
                await TakeAsync(decoded.Message ?? throw new InvalidDataException(decoded.Error));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task TakeAsync(ControllerMessage message)
    {
        switch (message)
        {
            case { Inquiry: not null }:
                await GreetAsync();
                break;
            case { Delta: { } delta } when delta.FromDigest == held.Digest:
                await AckAsync(delta.Update, delta.To, delta.ToDigest, delta.Bridges.Sum(b => b.Add.Count));
                break;
            case { Delta: { } delta }:
                tally.Count("deltas on another base than an agent had");
                await SayAsync(new() { Host = host.Value, Refusal = new(delta.Update, delta.To, RefusalReason.WrongBase, "not the base", []) });
                break;
            case { Snapshot: { } chunk } when chunk.Index + 1 == chunk.Count:
                await AckAsync(chunk.Update, chunk.Revision, chunk.Digest, chunk.Bridges.Sum(b => b.Flows.Count));
                break;
        }
    }

    private async Task AckAsync(string update, long revision, string digest, int flows)
    {
        held = (revision, digest);
        await SayAsync(new() { Host = host.Value, Ack = new(update, revision, digest, flows, 1, []) });
        tally.Count("updates that agents acknowledged");
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(Heartbeat);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token))
            {
                await GreetAsync();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    private Task GreetAsync() => SayAsync(new()
    {
        Host = host.Value,
        Hello = new("0", held.Revision, held.Digest, "0", started, ["br-int"], null, new("enforcing", (int)Heartbeat.TotalSeconds, 0, 0, [], [])),
    });

    /// <summary>What was not taken is said again by the next hello.</summary>
    private Task SayAsync(AgentMessage message) => bus.TrySendAsync(message, stop.Token);
}
