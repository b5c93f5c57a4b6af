using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Flows;
using Osc.Model;

namespace Osc.Controller.Tests.Delivery;

/// <summary>A host's end of the bus, which says what a test wants said.</summary>
internal sealed class TestAgent(InMemoryBus bus, string host, CancellationToken cancellation) : IAsyncDisposable
{
    private readonly IAgentBus end = bus.Agent(Name.Parse(host));
    private IAsyncEnumerator<Decoded<ControllerMessage>>? mail;
    private int starts;

    /// <summary>A hello of an agent that was just started.</summary>
    /// <param name="digest">What it holds; null: nothing.</param>
    public Task HelloAsync(string? digest = null) => SayAsync(new() { Host = host, Hello = HelloOf(digest, ++starts) });

    /// <summary>A heartbeat of the agent that was last started.</summary>
    public Task HeartbeatAsync(string digest, params Fault[] faults) =>
        SayAsync(new() { Host = host, Hello = HelloOf(digest, starts) with { Health = new("enforcing", 30, 9, 2, faults, [new("netdev@ovs-netdev", 5, 4, 3)]) } });

    /// <summary>A heartbeat that names the checkpoint that the agent keeps.</summary>
    public Task WitnessAsync(string? checkpoint) => SayAsync(new() { Host = host, Hello = HelloOf(null, starts) with { Checkpoint = checkpoint } });

    public Task AckAsync(SnapshotChunk update) =>
        SayAsync(new() { Host = host, Ack = new(update.Update, update.Revision, update.Digest, update.Bridges.Sum(b => b.Flows.Count), 5, []) });

    /// <summary>Says that the switch refused a flow.</summary>
    public Task RefuseAsync(SnapshotChunk update, RefusedFlow flow) =>
        SayAsync(new() { Host = host, Refusal = new(update.Update, update.Revision, RefusalReason.SwitchError, "a flow is refused", [flow]) });

    /// <summary>The ports of the bridge br-int, without complaint.</summary>
    public Task PortsAsync(params Port[] ports) => PortsWithoutAsync([], ports);

    /// <summary>The ports of the bridge br-int, and names that it does not have.</summary>
    public Task PortsWithoutAsync(string[] unbound, params Port[] ports) => SayAsync(new() { Host = host, Ports = new([new("br-int", ports)], unbound, []) });

    /// <summary>A flow of bridge br-int was gone, and is back.</summary>
    public Task DriftAsync() => SayAsync(new()
    {
        Host = host,
        Drift = new(DateTimeOffset.UnixEpoch, "br-int", DriftCause.FlowsChanged, 1, 0, 0, 2, [new(DriftKind.Missing, "table=0,priority=1,actions=drop", null)], 0),
    });

    /// <summary>Asks for a certificate in place of its own.</summary>
    public Task RenewAsync(string request) => SayAsync(new() { Host = host, Renewal = new(request) });

    /// <summary>The next certificate, whatever comes before it.</summary>
    public async Task<string> CertificateAsync()
    {
        while (true)
        {
            if ((await AnyAsync()).Certificate is { } renewed)
            {
                return renewed.Certificate;
            }
        }
    }

    /// <summary>The next message from the controller.</summary>
    public async Task<ControllerMessage> NextAsync()
    {
        while (true)
        {
            if (await AnyAsync() is { Checkpoint: null } message)
            {
                return message; // checkpoints come when they come
            }
        }
    }

    /// <summary>The next snapshot, which is one chunk, whatever is asked before it.</summary>
    public async Task<SnapshotChunk> SnapshotAsync()
    {
        while (true)
        {
            if ((await NextAsync()).Snapshot is { } snapshot)
            {
                return snapshot;
            }
        }
    }

    /// <summary>The next checkpoint, whatever comes before it.</summary>
    public async Task<AuditCheckpoint> CheckpointAsync()
    {
        while (true)
        {
            if ((await AnyAsync()).Checkpoint is { } checkpoint)
            {
                return checkpoint;
            }
        }
    }

    private async Task<ControllerMessage> AnyAsync()
    {
        mail ??= end.ReceiveAsync(cancellation).GetAsyncEnumerator(cancellation);
        return await mail.MoveNextAsync() ? mail.Current.Message! : throw new InvalidOperationException("the mailbox ended"); // the in-memory bus decodes nothing
    }

    public async ValueTask DisposeAsync()
    {
        if (mail is not null)
        {
            await mail.DisposeAsync();
        }

        await end.DisposeAsync();
    }

    private static Hello HelloOf(string? digest, int start) =>
        new("1.2.3", 0, digest ?? FlowDigest.Empty.ToString(), "3.1.0", DateTimeOffset.UnixEpoch.AddSeconds(start), ["br-int"]);

    private Task SayAsync(AgentMessage message) => end.TrySendAsync(message, cancellation);
}
