using System.Threading.Channels;
using Osc.Flows;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.Control;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;

namespace Osc.Agent.Tests;

/// <summary>
/// A switch of dictionaries: bridges with flows by key, each written with the numbers that ports had then. It counts what it is asked
/// for, can be away, refuse flows, and hold a call at its beginning.
/// </summary>
internal sealed class FakeSwitch : ISwitch
{
    private readonly Lock gate = new();
    private readonly Dictionary<PortName, Table> tables = [];
    private Channel<InventoryEvent> inventory = Channel.CreateUnbounded<InventoryEvent>();

    public event Action<PortName>? ConnectionLost;

    public event Action<FlowsTouched>? FlowsTouched;

    public event Action<PacketIn>? PacketReceived;

    /// <summary>The packets that the agent sent.</summary>
    public Channel<(PortName Bridge, PacketOut Packet)> Sent { get; } = Channel.CreateUnbounded<(PortName Bridge, PacketOut Packet)>();

    /// <summary>Hands the agent a packet.</summary>
    public void Receive(PacketIn packet) => PacketReceived?.Invoke(packet);

    public Task SendAsync(PortName bridge, PacketOut packet, CancellationToken cancellation) => Sent.Writer.WriteAsync((bridge, packet), cancellation).AsTask();

    /// <summary>What its datapaths counted.</summary>
    public DatapathReading Datapaths { get; set; } = new([], null);

    public Task<DatapathReading> ReadDatapathsAsync(CancellationToken cancellation) => Task.FromResult(Datapaths);

    public Task<string?> PassGateAsync(bool waitsNextTime, CancellationToken cancellation)
    {
        lock (gate)
        {
            Calls.AddRange(waitsNextTime ? ["pass gate"] : []);
        }

        return Task.FromResult<string?>(null);
    }

    /// <summary>Every call, as "reconcile br0" and the like.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Flows that the switch refuses.</summary>
    public Func<PortName, Flow, bool> Refuses { get; set; } = (_, _) => false;

    /// <summary>Whether management connections are refused.</summary>
    public bool IsAway { get; set; }

    /// <summary>If set, a call waits for it before it does anything.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Set when a call waits at the gate.</summary>
    public TaskCompletionSource AtGate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many flows were written or removed, over all calls.</summary>
    public int Touched { get; private set; }

    /// <summary>The flows of a bridge, in text.</summary>
    public IReadOnlyList<string> FlowsOf(string bridge)
    {
        lock (gate)
        {
            return tables.TryGetValue(PortName.Parse(bridge), out var table) ? [.. table.Flows.Values.Select(f => f.Flow.ToString()).Order(StringComparer.Ordinal)] : [];
        }
    }

    /// <summary>Loses all flows of a bridge, as a daemon that restarts does.</summary>
    public void Restart(string bridge)
    {
        lock (gate)
        {
            tables.Remove(PortName.Parse(bridge));
        }

        ConnectionLost?.Invoke(PortName.Parse(bridge));
    }

    /// <summary>Takes a bridge's flows away behind the agent's back.</summary>
    /// <param name="isNoticed">Whether the switch tells the agent.</param>
    public void Tamper(string bridge, bool isNoticed = false)
    {
        lock (gate)
        {
            tables[PortName.Parse(bridge)].Flows.Clear();
        }

        if (isNoticed)
        {
            Touch(bridge, FlowOwner.Osc);
        }
    }

    /// <summary>Tells the agent that somebody changed flows.</summary>
    public void Touch(string bridge, FlowOwner owner) => FlowsTouched?.Invoke(new(PortName.Parse(bridge), owner));

    public void Announce(params SwitchBridge[] bridges) =>
        inventory.Writer.TryWrite(new InventoryKnown(new("3.1.0", bridges.ToValueList())));

    public void AnnounceLost(string reason)
    {
        var old = inventory;
        inventory = Channel.CreateUnbounded<InventoryEvent>();
        old.Writer.TryWrite(new InventoryLost(reason));
        old.Writer.Complete();
    }

    public IAsyncEnumerable<InventoryEvent> WatchAsync(CancellationToken cancellation) => inventory.Reader.ReadAllAsync(cancellation);

    public Task<ReconcileOutcome> ReconcileAsync(PortName bridge, FlowSet desired, PortBinding ports, CancellationToken cancellation) =>
        CallAsync("reconcile", bridge, table =>
        {
            table.IsKnown = true;
            return (desired, ports);
        }, cancellation);

    public Task<ReconcileOutcome> RepairAsync(PortName bridge, FlowSet desired, PortBinding ports, CancellationToken cancellation) =>
        ReconcileAsync(bridge, desired, ports, cancellation);

    public Task<ReconcileOutcome> ApplyAsync(BridgeDelta delta, CancellationToken cancellation) =>
        CallAsync("apply", delta.Bridge, table => table.IsKnown ? (delta.Apply(table.Desired), table.Ports) : null, cancellation);

    public Task<ReconcileOutcome> RebindAsync(PortName bridge, FlowSet desired, PortBinding ports, CancellationToken cancellation) =>
        CallAsync("rebind", bridge, table => table.IsKnown ? (desired, ports) : null, cancellation);

    private async Task<ReconcileOutcome> CallAsync(string what, PortName bridge, Func<Table, (FlowSet Flows, PortBinding Ports)?> wanted, CancellationToken cancellation)
    {
        if (Gate is { } closed)
        {
            AtGate.TrySetResult();
            await closed.Task.WaitAsync(cancellation);
        }

        lock (gate)
        {
            Calls.Add($"{what} {bridge}");
            if (IsAway)
            {
                return Outcome(bridge, ReconcileStatus.Unavailable, "nobody listens", []);
            }

            if (!tables.TryGetValue(bridge, out var table))
            {
                tables.Add(bridge, table = new());
            }

            if (wanted(table) is not { } target)
            {
                return Outcome(bridge, ReconcileStatus.StateUnknown, "not known", []);
            }

            var refused = target.Flows.Where(f => Refuses(bridge, f)).Select(f => new FlowRefusal(f, "OFPBAC_BAD_OUT_PORT")).ToValueList();
            return refused.Count > 0 ? Outcome(bridge, ReconcileStatus.Refused, "refused", refused) : Write(bridge, table, target.Flows, target.Ports);
        }
    }

    private ReconcileOutcome Write(PortName bridge, Table table, FlowSet flows, PortBinding ports)
    {
        var bound = flows.Where(f => Ports(f).All(p => ports.Find(p) is not null)).ToDictionary(f => f.Key, f => (f, string.Join(',', Ports(f).Select(p => ports.Find(p)))));
        var added = bound.Count(f => !table.Flows.TryGetValue(f.Key, out var old) || old != f.Value);
        var removed = table.Flows.Keys.Count(k => !bound.ContainsKey(k));
        Touched += added + removed;
        (table.Flows, table.Desired, table.Ports) = (bound, flows, ports);
        var unbound = flows.SelectMany(Ports).Where(p => ports.Find(p) is null).GroupBy(p => p).OrderBy(g => g.Key).Select(g => new UnboundPort(g.Key, g.Count())).ToValueList();
        return Outcome(bridge, ReconcileStatus.Applied, "", []) with { Added = added, Removed = removed, Unbound = unbound, Waiting = flows.Count - bound.Count };
    }

    private static IEnumerable<PortName> Ports(Flow flow) =>
        flow.Actions.OfType<Output>().Select(o => o.Port).Concat(flow.Match.InPort is { } port ? [port] : []);

    private static ReconcileOutcome Outcome(PortName bridge, ReconcileStatus status, string detail, ValueList<FlowRefusal> refused) =>
        new(bridge, status, detail, 0, 0, 0, 0, [], 0, refused, TimeSpan.Zero);

    private sealed class Table
    {
        public bool IsKnown { get; set; }

        public FlowSet Desired { get; set; } = FlowSet.Empty;

        public PortBinding Ports { get; set; } = PortBinding.Empty;

        public Dictionary<FlowKey, (Flow Flow, string Numbers)> Flows { get; set; } = [];
    }
}
