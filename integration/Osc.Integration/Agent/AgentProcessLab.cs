using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Integration.Bus;
using Osc.Lab;
using Osc.Lab.RabbitMq;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;

namespace Osc.Integration.Agent;

/// <summary>An agent as a process of its own, on a real switch and a real broker, with the controller's part played by the test.</summary>
internal sealed class AgentProcessLab : IAsyncDisposable
{
    public static readonly Name Host = Name.Parse("h1");
    public static readonly PortName Bridge = PortName.Parse("br0");

    private readonly LabSpace space;
    private readonly CancellationToken cancellation;
    private readonly AgentDaemon agent;

    private AgentProcessLab(LabSpace space, RabbitMqBroker broker, SwitchInstance openSwitch, ControllerEnd controller, CancellationToken cancellation)
    {
        this.space = space;
        this.cancellation = cancellation;
        Broker = broker;
        Switch = openSwitch;
        Controller = controller;
        agent = new(space, Host, openSwitch, broker);
    }

    public RabbitMqBroker Broker { get; }

    public SwitchInstance Switch { get; }

    public ControllerEnd Controller { get; }

    public string StateDirectory => agent.StateDirectory;

    public static async Task<AgentProcessLab> StartAsync(CancellationToken cancellation)
    {
        var space = await LabSpace.ClaimAsync("agent");
        try
        {
            var broker = await RabbitMqBroker.StartAsync(space, "rabbit");
            var openSwitch = await SwitchInstance.StartAsync(space, "sw");
            await openSwitch.AddBridgeAsync(Bridge);
            return new(space, broker, openSwitch, await ControllerEnd.ConnectAsync(broker, cancellation), cancellation);
        }
        catch
        {
            await space.DisposeAsync();
            throw;
        }
    }

    /// <summary>All flows of a revision: half of them differ from one variant to the next.</summary>
    public static HostFlows Flows(long revision, int count, int variant) => new(Host, new(revision),
        [new(Bridge, FlowSet.Of(Enumerable.Range(0, count).Select(i => FlowTextParser.Parse(
            $"cookie=0x{new FlowCookie(FlowPurpose.Rule, (uint)i).Value:x},table={i % 10},priority=100,reg1=0x{i:x},actions=set_field:0x{(i % 2 == 0 ? 1 : variant):x}->reg2"))))]);

    /// <summary>Starts the agent. Its end is the caller's to bring about.</summary>
    public void StartAgent() => agent.Start();

    /// <summary>kill -9.</summary>
    public Task KillAgentAsync() => agent.KillAsync(cancellation);

    /// <summary>SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> StopAgentAsync() => agent.StopAsync(cancellation);

    public async Task SendSnapshotAsync(HostFlows flows, string update)
    {
        foreach (var chunk in SnapshotWriter.Split(flows, update))
        {
            await Controller.SendAsync(new() { Host = Host.Value, Snapshot = chunk }, cancellation);
        }
    }

    /// <summary>Waits until the agent says, by ack or hello, that a digest is in force.</summary>
    public Task InForceAsync(HostFlows flows)
    {
        var digest = flows.Digest.ToString();
        return Controller.HearAsync(m => m.Ack?.Digest == digest || m.Hello is { Problem: null } hello && hello.Digest == digest ? m : null, cancellation);
    }

    /// <summary>What a full comparison of the switch with the flows finds to do: nothing, if they are there and no others of ours.</summary>
    public async Task<ReconcileOutcome> CompareAsync(HostFlows flows)
    {
        await using var client = new SwitchClient(SwitchSockets.In(Switch.RunDirectory));
        await foreach (var seen in client.WatchAsync(cancellation))
        {
            return await client.ReconcileAsync(Bridge, flows.Find(Bridge)!.Flows, PortBinding.Of(((InventoryKnown)seen).Inventory.Find(Bridge)!), cancellation);
        }

        throw new InvalidOperationException("the switch was not seen");
    }

    /// <summary>For each flow its age in seconds, by match and actions: a flow that was written anew is young again.</summary>
    public async Task<Dictionary<string, double>> AgesAsync()
    {
        var dump = await Switch.OfctlAsync("dump-flows", Bridge.Value);
        return dump.Split('\n').Where(l => l.Contains("duration=", StringComparison.Ordinal)).ToDictionary(
            l => l[l.IndexOf("table=", StringComparison.Ordinal)..l.IndexOf(',', l.IndexOf("table=", StringComparison.Ordinal))] + l[l.IndexOf("priority=", StringComparison.Ordinal)..],
            l => double.Parse(l[(l.IndexOf("duration=", StringComparison.Ordinal) + 9)..l.IndexOf("s,", l.IndexOf("duration=", StringComparison.Ordinal), StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        await Controller.DisposeAsync();
        await space.DisposeAsync();
    }
}
