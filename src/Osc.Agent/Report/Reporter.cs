using Osc.Agent.Apply;
using Osc.Agent.Health;
using Osc.Bus;
using Osc.Flows;
using Osc.Model;
using Osc.Switch.Ovsdb;
using Osc.Xen.Vifs;

namespace Osc.Agent.Report;

/// <summary>What the agent says to the controller, cut to the limits of <see cref="BusProtocol"/>.</summary>
/// <param name="started">When this agent started.</param>
internal sealed class Reporter(IAgentBus bus, Enforcer enforcer, AgentCondition condition, Name host, DateTimeOffset started)
{
    /// <summary>The longest flow text that goes into a refusal, so that the refusal itself stays a message of bounded size.</summary>
    private const int MaxRefusedFlowText = 2_000;

    /// <summary>The greatest number of refused flows that are named.</summary>
    private const int MaxRefusedFlows = 100;

    private SaidHello? saidHello;
    private SaidPorts? saidPorts;

    /// <summary>Says what is held, whether or not it was said before.</summary>
    public async Task SayHelloAsync(CancellationToken cancellation)
    {
        var now = HelloNow;
        var hello = new Hello(
            AgentVersion.Text, Revision, Digest.ToString(), enforcer.Inventory?.SwitchVersion, started,
            [.. (enforcer.Inventory?.Bridges ?? []).Take(BusProtocol.MaxBridges).Select(b => b.Name.Value)],
            enforcer.Problem is { } problem ? Cut(problem) : null,
            Bounded(condition.Report()),
            condition.Checkpoint);
        saidHello = await bus.TrySendAsync(Envelope() with { Hello = hello }, cancellation) ? now : null;
    }

    /// <summary>Says the ports, whether or not they were said before.</summary>
    public async Task SayPortsAsync(CancellationToken cancellation)
    {
        if (enforcer.Inventory is { } inventory)
        {
            var now = PortsOf(inventory);
            var vifs = enforcer.Guests.Vifs.ToLookup(v => v.Port);
            var report = new PortReport(
                [.. inventory.Bridges.Take(BusProtocol.MaxBridges).Select(b => PortsOf(b, vifs))],
                Named(enforcer.UnboundPorts),
                [.. enforcer.Warnings.Take(BusProtocol.MaxNamed).Select(w => Cut(w))]);
            saidPorts = await bus.TrySendAsync(Envelope() with { Ports = Bounded(report) }, cancellation) ? now : null;
        }
    }

    /// <summary>Says what changed since it was last said; nothing if nothing did, or if nobody can hear it.</summary>
    public async Task SayChangesAsync(CancellationToken cancellation)
    {
        if (!bus.IsConnected)
        {
            return;
        }

        if (saidHello != HelloNow)
        {
            await SayHelloAsync(cancellation);
        }

        if (enforcer.Inventory is { } inventory && saidPorts != PortsOf(inventory))
        {
            await SayPortsAsync(cancellation);
        }
    }

    /// <summary>Acknowledges that what is held is in force.</summary>
    public async Task AcknowledgeAsync(string update, TimeSpan took, CancellationToken cancellation)
    {
        var ack = new Ack(update, Revision, Digest.ToString(), enforcer.Held?.Count ?? 0, took.TotalMilliseconds, Named(enforcer.UnboundPorts));
        if (await bus.TrySendAsync(Envelope() with { Ack = ack }, cancellation))
        {
            // As good as a hello, unless something is wrong besides.
            saidHello = HelloNow with { Faults = saidHello?.Faults ?? [] };
        }
    }

    public Task RefuseAsync(Update update, RefusalReason reason, string detail, ValueList<BridgeRefusal> flows, CancellationToken cancellation)
    {
        var refused = flows.Take(MaxRefusedFlows).Select(f => new RefusedFlow(f.Bridge.Value, CutTo(f.Refusal.Flow.ToString(), MaxRefusedFlowText), Cut(f.Refusal.Error)));
        return bus.TrySendAsync(Envelope() with { Refusal = new(update.Id, update.Revision, reason, Cut(detail), [.. refused]) }, cancellation);
    }

    private SaidHello HelloNow => new(enforcer.Problem, Digest, Revision, condition.Faults);

    private SaidPorts PortsOf(SwitchInventory inventory) => new(inventory, enforcer.Guests.Vifs, enforcer.UnboundPorts, enforcer.Warnings);

    private long Revision => enforcer.Held?.Revision.Number ?? 0;

    private FlowDigest Digest => enforcer.Held?.Digest ?? FlowDigest.Empty;

    private AgentMessage Envelope() => new() { Host = host.Value };

    private static BridgePorts PortsOf(SwitchBridge bridge, ILookup<PortName, VifIdentity> vifs) => new(
        bridge.Name.Value,
        [.. bridge.Ports.Select(p => new Port(p.Name.Value, (int?)p.OpenFlowPort, Cut(p.IfaceId), Cut(p.XsVifUuid), Cut(p.AttachedMac), p.LinkUp, VifOf(vifs[p.Name])))]);

    private static PortVif? VifOf(IEnumerable<VifIdentity> vifs) =>
        vifs.FirstOrDefault() is { } vif ? new(vif.Id.Domain, vif.Id.Handle, vif.Mac?.ToString(), vif.Guest) : null;

    private static AgentHealth Bounded(AgentHealth health) => health with
    {
        Faults = [.. health.Faults.Take(BusProtocol.MaxNamed).Select(f => f with { Subject = Cut(f.Subject), Detail = Cut(f.Detail) })],
        Datapaths = [.. health.Datapaths.Take(BusProtocol.MaxBridges).Select(d => d with { Name = Cut(d.Name) })],
    };

    private static PortReport Bounded(PortReport report)
    {
        var left = BusProtocol.MaxPorts;
        var bridges = new List<BridgePorts>();
        foreach (var bridge in report.Bridges)
        {
            bridges.Add(bridge with { Ports = [.. bridge.Ports.Take(left)] });
            left -= bridges[^1].Ports.Count;
        }

        return report with { Bridges = bridges };
    }

    private static IReadOnlyList<string> Named(ValueList<PortName> ports) => [.. ports.Take(BusProtocol.MaxNamed).Select(p => p.Value)];

    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private static string? Cut(string? text) => text is null ? null : CutTo(text, BusProtocol.MaxDetail);

    private static string CutTo(string text, int length) => text.Length <= length ? text : text[..(length - 3)] + "...";

    /// <summary>What a hello said. Compared by value, as a tuple would not compare its lists.</summary>
    private readonly record struct SaidHello(string? Problem, FlowDigest Digest, long Revision, ValueList<Fault> Faults);

    /// <summary>What a port report said.</summary>
    private readonly record struct SaidPorts(SwitchInventory Inventory, ValueList<VifIdentity> Vifs, ValueList<PortName> Unbound, ValueList<string> Warnings);
}

/// <summary>What names an update in its answer.</summary>
public readonly record struct Update(string Id, long Revision);
