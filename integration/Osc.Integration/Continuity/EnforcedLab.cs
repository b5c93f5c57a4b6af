using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Integration.Agent;
using Osc.Integration.Bus;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Lab.RabbitMq;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Switch;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;

namespace Osc.Integration.Continuity;

/// <summary>A <see cref="ProbedSite"/> under an agent's process, with a broker; the test is the controller. Probes can be sent all the time.</summary>
internal sealed class EnforcedLab : IAsyncDisposable
{
    private readonly CancellationToken cancellation;
    private readonly State state;
    private ControllerEnd controller;

    private EnforcedLab(PolicyLab lab, RabbitMqBroker broker, ControllerEnd controller, State state, CancellationToken cancellation)
    {
        (Lab, Broker, this.controller, this.state, this.cancellation) = (lab, broker, controller, state, cancellation);
        Agent = new(lab.Space, ProbedSite.Host, Switch, broker);
        Flows = HostCompiler.Compile(state, ProbedSite.Host, HostNumbering.Empty).Flows;
    }

    public PolicyLab Lab { get; }

    public RabbitMqBroker Broker { get; }

    public AgentDaemon Agent { get; }

    public SwitchInstance Switch => Lab.Hosts[ProbedSite.Host];

    /// <summary>What the host shall have, as it was last sent.</summary>
    public HostFlows Flows { get; private set; }

    /// <summary>Builds it, starts the agent, and returns when it enforces.</summary>
    /// <param name="options">Of the agent's command line.</param>
    public static async Task<EnforcedLab> StartAsync(State state, CancellationToken cancellation, params string[] options)
    {
        var lab = await PolicyLab.BuildAsync("steady", state);
        try
        {
            var broker = await RabbitMqBroker.StartAsync(lab.Space, "steady");
            var enforced = new EnforcedLab(lab, broker, await ControllerEnd.ConnectAsync(broker, cancellation), state, cancellation);
            enforced.Agent.Start(options);
            await enforced.controller.HearAsync(m => m.Hello, cancellation);
            await enforced.SendAsync(enforced.Flows);
            return enforced;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts probing all pairs of the site, with so many packets a second in all.</summary>
    public Task<ProbeStreams> ProbeAsync(int perSecond) => ProbeStreams.StartAsync(ProbedSite.Pairs(Lab, state), perSecond);

    /// <summary>Sends flows, and returns when they are in force.</summary>
    public async Task SendAsync(HostFlows flows)
    {
        Flows = flows;
        foreach (var chunk in SnapshotWriter.Split(flows, $"u{flows.Revision.Number}"))
        {
            await controller.SendAsync(new() { Host = ProbedSite.Host.Value, Snapshot = chunk }, cancellation);
        }

        await InForceAsync();
    }

    /// <summary>Returns when the agent says anew that the flows are in force.</summary>
    public Task InForceAsync()
    {
        var digest = Flows.Digest.ToString();
        return controller.HearAsync(m => m.Ack?.Digest == digest || m.Hello is { Problem: null } hello && hello.Digest == digest ? m : null, cancellation);
    }

    /// <summary>Returns when the agent says that something is wrong.</summary>
    public Task TroubleAsync() => controller.HearAsync(m => m.Hello?.Problem, cancellation);

    /// <summary>Returns when the agent says that so many ports are not there that flows name.</summary>
    public Task UnboundAsync(int count) => controller.HearAsync(m => m.Ports is { } ports && ports.UnboundPorts.Count == count ? ports : null, cancellation);

    /// <summary>The controller's end of a broker that was away.</summary>
    public async Task ReconnectAsync()
    {
        await controller.DisposeAsync();
        controller = await ControllerEnd.ConnectAsync(Broker, cancellation);
    }

    /// <summary>What a full comparison of the switch with the flows finds to do: nothing, if they are there and no others of ours.</summary>
    public async Task<ReconcileOutcome> CompareAsync()
    {
        await using var client = new SwitchClient(SwitchSockets.In(Switch.RunDirectory));
        await foreach (var seen in client.WatchAsync(cancellation))
        {
            var bridge = ((InventoryKnown)seen).Inventory.Find(ProbedSite.Bridge)!; // the lab made it
            return await client.ReconcileAsync(ProbedSite.Bridge, Flows.Find(ProbedSite.Bridge)!.Flows, PortBinding.Of(bridge), cancellation);
        }

        throw new InvalidOperationException("the switch was not seen");
    }

    public async ValueTask DisposeAsync()
    {
        await controller.DisposeAsync();
        await Lab.DisposeAsync();
    }
}
