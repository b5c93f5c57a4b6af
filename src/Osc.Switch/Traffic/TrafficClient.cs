using System.Collections.Concurrent;
using Osc.Flows;
using Osc.Model;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Traffic;

/// <summary>What packets meet on a real Open vSwitch, by a connection to each bridge beside that of <see cref="SwitchClient"/>.</summary>
public sealed class TrafficClient(SwitchSockets sockets, SwitchTiming timing, TimeProvider clock) : ITrafficSource, IAsyncDisposable
{
    private static readonly ulong LayoutMask = FlowCookie.OwnerMask | (0xffUL << 40) | (0xffUL << 32);

    private readonly ConcurrentDictionary<PortName, BridgeTraffic> bridges = [];

    public event Action<PacketIn>? PacketLogged;

    public event Action<FlowCount>? FlowRemoved;

    public Task<IReadOnlyList<FlowCount>?> CountRulesAsync(PortName bridge, CancellationToken cancellation) =>
        CountAsync(bridge, [FlowPurpose.Rule, FlowPurpose.LoggedRule], static (in FlowEntry _) => true, cancellation);

    public Task<IReadOnlyList<FlowCount>?> CountDropsAsync(PortName bridge, CancellationToken cancellation) =>
        CountAsync(bridge, [FlowPurpose.Pipeline, FlowPurpose.Default], static (in FlowEntry entry) => entry.Instructions.IsEmpty, cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var bridge in bridges.Values)
        {
            await bridge.DisposeAsync();
        }
    }

    private async Task<IReadOnlyList<FlowCount>?> CountAsync(PortName name, FlowPurpose[] purposes, FlowChoice choice, CancellationToken cancellation)
    {
        var bridge = bridges.GetOrAdd(name, n => new(n, OpenAsync));
        try
        {
            var counts = new List<FlowCount>();
            foreach (var purpose in purposes)
            {
                await bridge.CountAsync(new FlowCookie(purpose, 0).Value, LayoutMask, choice, counts, cancellation);
            }

            return counts;
        }
        catch (ConnectionLostException)
        {
            // Whoever keeps the flows says so; here there is nothing to count meanwhile.
            return null;
        }
    }

    private Task<OpenFlowConnection> OpenAsync(PortName bridge, CancellationToken cancellation) =>
        OpenFlowConnection.OpenAsync((sockets, bridge), timing, clock, new(Log, Removed: Went), cancellation);

    private void Log(PacketIn packet)
    {
        if (FlowCookie.IsOurs(packet.Cookie) && FlowCookie.Of(packet.Cookie).Rule is not null)
        {
            PacketLogged?.Invoke(packet);
        }
    }

    private void Went(FlowCount flow)
    {
        if (flow.Cookie.Counts)
        {
            FlowRemoved?.Invoke(flow);
        }
    }
}

/// <summary>Whether a flow is one to count.</summary>
internal delegate bool FlowChoice(in FlowEntry entry);
