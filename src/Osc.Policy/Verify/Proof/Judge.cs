using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Meaning;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Says of one packet what documents want, and what flows do by the packet simulator: so that nothing is called a counterexample
/// that is none.
/// </summary>
internal sealed class Judge
{
    /// <summary>What else a label says is proven of the flows, not tried with packets.</summary>
    private static readonly UInt128 RulesOfLabel = ((UInt128)1 << Registers.LabelSourceOwner.Offset) - 1;

    private static readonly PortName Opener = PortName.Parse("opener");

    private readonly BridgeSpec bridge;
    private readonly Lazy<PacketSimulator> simulator;
    private readonly IReadOnlyDictionary<QualifiedName, ushort> zones;
    private readonly uint mark;
    private readonly RuleLabels labels;

    /// <param name="zones">The zones of the vrfs that are here.</param>
    /// <param name="mark">The mark that connections are committed under.</param>
    public Judge(BridgeSpec bridge, FlowSet flows, IReadOnlyDictionary<QualifiedName, ushort> zones, uint mark, RuleLabels labels)
    {
        this.bridge = bridge;
        this.zones = zones;
        this.mark = mark;
        this.labels = labels;
        simulator = new(() => new(PlainFlows.Of(flows)));
    }

    public IReadOnlyDictionary<QualifiedName, ushort> Zones => zones;

    /// <summary>The mark that connections are committed under.</summary>
    public uint Mark => mark;

    /// <summary>The mark of connections that were committed under another epoch.</summary>
    public uint StaleMark => mark ^ ConnectionMark.Of(1);

    /// <summary>What the flows do with the packet.</summary>
    public Fate Find(Probe probe)
    {
        var connections = Prepare(probe.Open);
        var result = simulator.Value.Run(probe.Packet, probe.Port, connections);
        if (result.Ambiguity is not null)
        {
            return new([$"whichever of two flows of table {result.Ambiguity.Value.Table} is found"], "", false, IsAmbiguous: true);
        }

        return new(
            [.. result.Outputs.Select(Describe).Order(StringComparer.Ordinal)],
            Entered(connections, probe),
            result.Trace.Any(s => s.Table == PipelineTable.Reject.Id));
    }

    /// <summary>What documents want to become of the packet.</summary>
    public Fate Expect(Probe probe)
    {
        var cube = CubeOf(probe.Packet);
        var arrivals = ArrivalSpec.Of(bridge, probe.Port);
        var arrival = arrivals[arrivals.Split(cube)[0].Entry];
        var before = Entered(Prepare(probe.Open), probe);
        if (arrival.Kind == ArrivalKind.Drop || arrival.Network is not { } network)
        {
            return new(ValueList<string>.Empty, before, false);
        }

        if (arrival.Kind != ArrivalKind.Track)
        {
            return new(Departs(arrival, probe, cube, arrival.Kind == ArrivalKind.Deliver), before, false);
        }

        if (probe.Packet.IsInvalid || (probe.Packet.Reported is { } reported && (probe.Open is null || !MayReport(probe, probe.Open, reported))))
        {
            return new(ValueList<string>.Empty, before, false);
        }

        var isSctp = probe.Packet.Protocol == IpProtocol.Sctp;
        if (probe.Open is { } open && (open.Mark & ConnectionMark.EpochMask) == (mark & ConnectionMark.EpochMask) && !isSctp)
        {
            return new(Departs(arrival, probe, cube, true), before, false);
        }

        var original = probe.Open?.First ?? probe.Packet;
        var (verdict, label) = Decide(network.Vrf, original, arrival.ToDhcpClient);
        var entered = verdict != Verdict.Allow || probe.Packet.Reported is not null ? before : Entry(zones.GetValueOrDefault(network.Vrf), mark, label);
        return new(verdict == Verdict.Allow ? Departs(arrival, probe, cube, true) : ValueList<string>.Empty, entered, verdict == Verdict.Reject);
    }

    /// <summary>
    /// A workload may report what was sent to it, but for answers. What is outside may report everything, as routers do; but the switch
    /// cannot decide anew whether an answer may be reported.
    /// </summary>
    private bool MayReport(Probe probe, OpenConnection open, Packet reported)
    {
        var isAnswer = reported.Source != open.First.Source;
        return bridge.ByPort.TryGetValue(probe.Port, out var placed)
            ? !isAnswer && placed.Interface.Addresses.Contains(reported.Destination)
            : !isAnswer || (open.Mark & ConnectionMark.EpochMask) == (mark & ConnectionMark.EpochMask);
    }

    private (Verdict Verdict, UInt128 Label) Decide(QualifiedName vrf, Packet packet, bool skipsIn)
    {
        var source = bridge.ByAddress.GetValueOrDefault((vrf, packet.Source));
        var destination = skipsIn ? null : bridge.ByAddress.GetValueOrDefault((vrf, packet.Destination));
        var number = (ushort)(packet.IsIcmp ? (packet.IcmpType << 8) | packet.IcmpCode : IpProtocol.HasPorts(packet.Protocol) ? packet.DestinationPort : 0);
        UInt128 label = 0;
        foreach (var (owner, direction, shift) in new[] { (source, Direction.Out, Registers.LabelOutRule.Offset), (destination, Direction.In, Registers.LabelInRule.Offset) })
        {
            if (owner is null || SideOf(vrf, packet, owner, direction, number) is not { } side)
            {
                continue;
            }

            if (side.Verdict != Verdict.Allow)
            {
                return (side.Verdict, 0);
            }

            label |= (UInt128)labels.Of(side.Rule) << shift;
        }

        return (Verdict.Allow, label);
    }

    private SideMeaning? SideOf(QualifiedName vrf, Packet packet, PlacedInterface owner, Direction direction, ushort number)
    {
        var (own, far) = direction == Direction.Out ? (packet.Source, packet.Destination) : (packet.Destination, packet.Source);
        var meaning = bridge.Meaning;
        var there = meaning.PeerSetOf(vrf, far, meaning.State.OwnerOf(vrf, far));
        var rules = meaning.Rules.Enforced(owner.Tenant, direction, meaning.PeerSetOf(vrf, own, owner)).Where(r => there.HasAny(direction == Direction.Out ? r.To : r.From)).ToArray();
        var byDefault = meaning.State.DefaultActionOf(owner.Tenant) == DefaultAction.Allow ? Verdict.Allow : Verdict.Drop;
        return PairRules.DecideSide(rules, byDefault).FirstOrDefault(p => p.Services.Contains(packet.Protocol, number)).Side;
    }

    private ValueList<string> Departs(Arrival arrival, Probe probe, PacketCube cube, bool guarded)
    {
        var departures = DeliverySpec.Of(bridge, arrival, probe.Port, guarded);
        return [.. departures[departures.Split(cube)[0].Entry].Sent
            .Where(s => s.Port != probe.Port)
            .Select(s => Describe(s.Port, s.Vlan, s.Tunnel is { } key ? (ulong)key : probe.Packet.TunnelId))
            .Order(StringComparer.Ordinal)];
    }

    private string Describe(SentPacket sent) => Describe(sent.Port, (sent.Packet.Vlan is { } tag ? 0x1000u | tag : 0) | (sent.Packet.InnerVlan is { } inner ? (0x1000u | inner) << 16 : 0), sent.Packet.TunnelId);

    /// <summary>A tunnel key counts only on uplinks.</summary>
    private string Describe(PortName port, uint vlan, ulong tunnel) => $"{port} {vlan:x} {(bridge.Bridge.Uplinks.Contains(port) ? tunnel : 0)}";

    private static string Entry(ushort zone, uint mark, UInt128 label) => $"{zone} {mark} {label:x}";

    private string Entered(ConnectionTable connections, Probe probe)
    {
        foreach (var zone in zones.Values.Append(probe.Open?.Zone ?? 0).Append((ushort)0).Distinct())
        {
            if (connections.Find(zone, probe.Packet) is { } known)
            {
                return Entry(zone, known.Mark, labels.AreKnown ? known.Label & RulesOfLabel : 0);
            }
        }

        return connections.Count == 0 ? "" : "elsewhere";
    }

    /// <summary>The table of a switch that has seen a connection's first packet and its reply.</summary>
    private static ConnectionTable Prepare(OpenConnection? open)
    {
        var connections = new ConnectionTable();
        if (open is not null)
        {
            var register = Field.Registers[6];
            var commit = new Conntrack(true, new Subfield(register, 0, 16), null, [new SetField(Field.CtMark, open.Mark)]);
            var opener = new PacketSimulator(FlowSet.Of([new Flow(0, 1, Match.Any, [new SetField(register, open.Zone), commit], 0)]));
            opener.Run(open.First, Opener, connections);
            if (Packet.HasReply(open.First))
            {
                opener.Run(Packet.ReplyTo(open.First), Opener, connections);
            }
        }

        return connections;
    }

    private static PacketCube CubeOf(Packet packet)
    {
        var cube = PacketCube.All;
        Set(Field.EthSrc, packet.EthSrc.Bits);
        Set(Field.EthDst, packet.EthDst.Bits);
        Set(Field.EthType, packet.EthType);
        Set(Field.TunnelId, packet.TunnelId);
        Set(Field.VlanVid, packet.Vlan is { } tag ? 0x1000u | tag : 0u);
        Set(Field.ArpOp, packet.ArpOperation);
        Set(Field.ArpSpa, Bits(packet.ArpSpa));
        Set(Field.ArpSha, packet.ArpSha.Bits);
        Set(Field.IpProto, packet.Protocol);
        Set(Field.IpTtl, packet.Ttl);
        Set(packet.IsIPv4 ? Field.Ipv4Src : Field.Ipv6Src, Bits(packet.Source));
        Set(packet.IsIPv4 ? Field.Ipv4Dst : Field.Ipv6Dst, Bits(packet.Destination));
        Set(Field.UdpSrc, packet.SourcePort);
        Set(Field.UdpDst, packet.DestinationPort);
        Set(packet.IsIPv4 ? Field.IcmpType : Field.Icmpv6Type, packet.IcmpType);
        Set(packet.IsIPv4 ? Field.IcmpCode : Field.Icmpv6Code, packet.IcmpCode);
        Set(Field.NdTarget, packet.NdTarget.Bits);
        Set(Field.NdSll, packet.NdSll.Bits);
        Set(Field.NdTll, packet.NdTll.Bits);
        return cube;

        void Set(Field field, UInt128 value) => cube = cube.Narrow(Constraint.Is(field, value)) ?? cube;
    }

    private static UInt128 Bits(IpAddress address) => address.IsIPv4 ? address.IPv4Bits : address.Bits;
}
