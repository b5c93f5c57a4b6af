using System.Collections.Concurrent;
using Osc.Flows;
using Osc.Model;
using Osc.Switch.Control;
using Osc.Switch.OpenFlow;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;

namespace Osc.Switch;

/// <summary>A real Open vSwitch behind its unix sockets. It connects when it is first asked for something, and anew after a loss.</summary>
public sealed class SwitchClient : ISwitch, IAsyncDisposable
{
    private readonly SwitchSockets sockets;
    private readonly SwitchTiming timing;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<PortName, BridgeSession> sessions = [];

    public SwitchClient(SwitchSockets sockets, SwitchTiming? timing = null, TimeProvider? clock = null)
    {
        this.sockets = sockets;
        this.timing = timing ?? SwitchTiming.Default;
        this.clock = clock ?? TimeProvider.System;
    }

    public event Action<PortName>? ConnectionLost;

    public event Action<FlowsTouched>? FlowsTouched;

    public event Action<PacketIn>? PacketReceived;

    public SwitchLimits Limits { get; init; } = SwitchLimits.Default;

    public IAsyncEnumerable<InventoryEvent> WatchAsync(CancellationToken cancellation) => InventoryWatch.RunAsync(sockets, timing, clock, cancellation);

    public Task<ReconcileOutcome> ReconcileAsync(PortName bridge, FlowSet desired, PortBinding ports, CancellationToken cancellation) =>
        Session(bridge).ReconcileAsync(desired, ports, cancellation);

    public Task<ReconcileOutcome> RepairAsync(PortName bridge, FlowSet desired, PortBinding ports, CancellationToken cancellation) =>
        Session(bridge).RepairAsync(desired, ports, cancellation);

    public Task<ReconcileOutcome> ApplyAsync(BridgeDelta delta, CancellationToken cancellation) => Session(delta.Bridge).ApplyAsync(delta, cancellation);

    public Task<ReconcileOutcome> RebindAsync(PortName bridge, FlowSet desired, PortBinding ports, CancellationToken cancellation) =>
        Session(bridge).RebindAsync(desired, ports, cancellation);

    public Task SendAsync(PortName bridge, PacketOut packet, CancellationToken cancellation) => Session(bridge).SendAsync(packet, cancellation);

    public Task<DatapathReading> ReadDatapathsAsync(CancellationToken cancellation) =>
        DatapathReading.OfAsync(sockets.RunDirectory, timing.SilenceLimit, clock, cancellation);

    public Task<string?> PassGateAsync(bool waitsNextTime, CancellationToken cancellation) =>
        ForwardingGate.PassAsync(sockets, (timing, clock), waitsNextTime, cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var session in sessions.Values)
        {
            await session.DisposeAsync();
        }
    }

    private BridgeSession Session(PortName bridge) => sessions.GetOrAdd(bridge, name => new(
        name,
        cancellation => OpenFlowConnection.OpenAsync((sockets, name), timing, clock, AnnouncementsOf(name), cancellation),
        lost => ConnectionLost?.Invoke(lost),
        clock,
        Limits));

    private Announcements AnnouncementsOf(PortName bridge) =>
        new(packet => PacketReceived?.Invoke(packet), owner => FlowsTouched?.Invoke(new(bridge, owner)));
}
