using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Packets in one state of the registers, and what shall become of them.</summary>
/// <param name="Port">A port that such packets come in at.</param>
/// <param name="Table">Where they go on.</param>
internal sealed record Passage(Arrival Arrival, PortName Port, byte Table, ValueList<uint> Registers, ushort Zone);

/// <summary>What of a bridge's proof stays while nothing changes that it follows from.</summary>
/// <param name="Passages">What ports bring in: follows from the tables up to connection tracking, and from who is here.</param>
/// <param name="Zones">The zone of each vrf, which follows from the same.</param>
/// <param name="Delivered">In which registers packets are delivered as they shall: follows from the tables of delivery, and from who is here.</param>
internal sealed record ProvenBridge(IReadOnlyCollection<Passage> Passages, IReadOnlyDictionary<QualifiedName, ushort> Zones, IReadOnlySet<string> Delivered);

/// <summary>
/// Proves one bridge's flows in stages, each held against its own part of the documents for all packets at once: what ports may
/// bring in; what connection tracking leads to; the decision; the commit; the delivery. Between stages stand the registers,
/// of which nothing is assumed but that the next stage does with them what it shall.
/// </summary>
internal sealed class BridgeProof
{
    private static readonly UInt128 Broadcast = 0xffff_ffff_ffff;

    private static readonly byte[] ArrivalTables = [PipelineTable.Ingress.Id, PipelineTable.SpoofGuard.Id, PipelineTable.Dispatch.Id];

    private readonly BridgeSpec bridge;
    private readonly FlowSet flows;
    private readonly ILookup<byte, Flow> byTable;
    private readonly Dictionary<byte, CubeTable> tables = [];
    private readonly Dictionary<(QualifiedName Vrf, IpFamily Family), DecisionSpec> specs = [];
    private readonly IReadOnlyDictionary<string, uint>? ruleNumbers;
    private readonly uint epoch;
    private readonly Findings findings;
    private readonly ProvenBridge? before;

    /// <param name="ruleNumbers">The numbers of rules in labels; null: labels are not looked at.</param>
    /// <param name="before">What is proven already and still holds; null: nothing.</param>
    public BridgeProof(BridgeSpec bridge, FlowSet flows, uint? epoch, IReadOnlyDictionary<string, uint>? ruleNumbers, ProvenBridge? before = null)
    {
        this.before = before;
        this.bridge = bridge;
        this.flows = flows;
        this.ruleNumbers = ruleNumbers;
        this.epoch = epoch ?? EpochOf(flows);
        byTable = flows.ToLookup(f => f.Table);
        findings = new(bridge);
    }

    /// <summary>What is proven after a run without faults.</summary>
    public ProvenBridge? Proven { get; private set; }

    public IReadOnlyList<FlowFault> Run()
    {
        if (Unfit() is { } unfit)
        {
            return [new(bridge.Bridge.Name, "flows", unfit, null, null, null, null)];
        }

        var arrivals = new ArrivalProof(bridge, TableOf);
        if (before is null)
        {
            arrivals.Run();
        }

        var (passages, zones) = before is null ? (arrivals.Passages, arrivals.Zones) : (before.Passages, before.Zones);
        var judge = new Judge(bridge, flows, zones, epoch, ruleNumbers);
        findings.Judge = judge;
        foreach (var doubt in arrivals.Doubts)
        {
            findings.Settle("arrival", doubt.What, ArrivalProbes(doubt, judge));
        }

        var tracked = passages.Where(p => p.Arrival.Kind == ArrivalKind.Track).ToArray();
        var connections = new ConnectionProof(TableOf, epoch, tracked);
        connections.Run();
        foreach (var doubt in connections.Doubts)
        {
            var (vrf, family) = (doubt.Passage.Arrival.Network!.Vrf, doubt.Cube.Narrow(Constraint.Is(Field.EthType, 0x0800)) is null ? IpFamily.IPv6 : IpFamily.IPv4); // what is tracked has one
            var decided = connections.Decisions.Where(d => d.Family == family && d.Passage.Arrival.Network?.Vrf == vrf).Take(1)
                .SelectMany(d => new DecisionProbes(bridge, judge, d).Everywhere(SpecOf(vrf, family)));
            findings.Settle(doubt.Stage, doubt.What, new TrackedProbes(bridge, judge).Of(doubt).Concat(doubt.Stage == "commit" ? decided : []));
        }

        Decide(connections.Decisions, judge);
        var delivered = Deliver([.. passages.Where(p => p.Arrival.Kind != ArrivalKind.Track), .. connections.Deliveries], judge);
        Proven = findings.Faults.Count == 0 ? new(passages, zones, delivered) : null;
        return findings.Faults;
    }

    private CubeTable? TableOf(byte table)
    {
        if (!tables.TryGetValue(table, out var known) && byTable.Contains(table))
        {
            tables.Add(table, known = new(byTable[table]));
        }

        return known;
    }

    /// <summary>What keeps these flows from being looked at; null: nothing.</summary>
    private string? Unfit()
    {
        foreach (var flow in flows)
        {
            if (flow.Actions.OfType<GotoTable>().Any(g => g.Table <= flow.Table))
            {
                return $"goto_table leads backwards: {flow}";
            }

            if (flow.Match.InPort is not null && !ArrivalTables.Contains(flow.Table))
            {
                return $"a port is matched where packets of all ports come together: {flow}";
            }

            foreach (var field in flow.Match.Fields)
            {
                if (!Constraint.IsRegular(field))
                {
                    return $"a mask is too irregular: {flow}";
                }
            }
        }

        return null;
    }

    /// <summary>The mark that most commits write.</summary>
    private static uint EpochOf(FlowSet flows) => flows.SelectMany(f => f.Actions.OfType<Conntrack>()).SelectMany(c => c.Exec).OfType<SetField>()
        .Where(s => s.Field == Field.CtMark).GroupBy(s => (uint)s.Value).OrderByDescending(g => g.Count()).Select(g => g.Key).FirstOrDefault();

    private IEnumerable<Probe> ArrivalProbes(ArrivalDoubt doubt, Judge judge)
    {
        var port = doubt.Port ?? PortName.Parse("unclaimed");
        var likely = doubt.Port is null ? bridge.ByPort.Keys.Take(2).SelectMany(p => new LikelyPackets(bridge).At(p, null)) : new LikelyPackets(bridge).At(port, doubt.Arrival.Network);
        foreach (var packet in likely.DefaultIfEmpty(LikelyPackets.Of(IpAddress.FromIPv4(0x0a01_0001), IpAddress.FromIPv4(0x0a01_0002), IpProtocol.Tcp, 80)).Select(p => Probe.PacketOf(doubt.Cube, p)))
        {
            yield return new(port, packet);
            if (Intervals.Contains(doubt.Cube[Field.EthDst], Broadcast))
            {
                yield return new(port, packet with { EthDst = MacAddress.FromBits((ulong)Broadcast) });
            }

            if (doubt.Arrival is { Kind: ArrivalKind.Track, Network.Vrf: var vrf } && Packet.HasReply(packet))
            {
                yield return new(port, packet, new(packet, judge.Zones.GetValueOrDefault(vrf), judge.Epoch));
            }
        }
    }

    private void Decide(IReadOnlyList<PlannedDecision> decisions, Judge judge)
    {
        Flow[] tiers = [.. flows.Where(f => f.Table is >= PipelineTable.OutTiers and < 30)];
        foreach (var decision in PlannedDecision.Distinct(decisions, tiers, table => byTable[table]))
        {
            var key = (decision.Passage.Arrival.Network!.Vrf, decision.Family); // what is tracked has a network
            var spec = SpecOf(key.Vrf, key.Family);
            var lookups = decision.Input.LookupTable is { } table ? LookupRange.Of(byTable[table], [.. decision.Passage.Registers], decision.Family) : null;
            var probes = new DecisionProbes(bridge, judge, decision);
            var question = lookups is null ? null : new DecisionQuestion(
                spec, decision.Family, tiers, lookups, new(decision.Passage.Registers[0], decision.Passage.Registers[1]), decision.Input, decision.Form, decision.CtState, decision.Services, decision.Passage.Arrival.ToDhcpClient);
            var gaps = question is null ? null : DecisionProof.Run(question);
            if (gaps is null)
            {
                findings.Settle("decision", "the flows ask for what their way there does not tell", probes.Everywhere(spec));
                continue;
            }

            foreach (var gap in gaps)
            {
                findings.Settle("decision", $"{IpAddress.FromBits(gap.Source.Samples[0])} to {IpAddress.FromBits(gap.Destination.Samples[0])} {gap.Services}: expected {gap.Expected}, found {gap.Found}", probes.Of(gap));
            }
        }
    }

    private DecisionSpec SpecOf(QualifiedName vrf, IpFamily family)
    {
        if (!specs.TryGetValue((vrf, family), out var spec))
        {
            specs.Add((vrf, family), spec = new(bridge, vrf, family, ruleNumbers));
        }

        return spec;
    }

    private HashSet<string> Deliver(IReadOnlyList<Passage> passages, Judge judge)
    {
        var run = new CubeRun(TableOf, _ => false);
        var delivered = new HashSet<string>();
        foreach (var alike in passages.GroupBy(p => (p.Arrival with { Kind = ArrivalKind.Deliver, ToDhcpClient = false }, p.Table, p.Registers, p.Arrival.Kind == ArrivalKind.Forward)))
        {
            var passage = alike.First();
            var name = $"{alike.Key.Item1.Network?.QualifiedName} {alike.Key.Item1 with { Network = null }} {alike.Key.Item2} {alike.Key.Item3} {alike.Key.Item4} {string.Join(' ', alike.Select(p => p.Port).Distinct().Order())}";
            delivered.Add(name);
            if (before?.Delivered.Contains(name) == true)
            {
                continue;
            }

            var guarded = passage.Arrival.Kind != ArrivalKind.Forward;
            var expected = DeliverySpec.Of(bridge, passage.Arrival, null, guarded);
            var packets = guarded ? ConnectionSpec.ValidPackets : PacketCube.Untracked;
            foreach (var leaf in run.Run(passage.Table, null, new(packets, RunEnd.Done) { Registers = [.. passage.Registers], Vlan = 0 }))
            {
                foreach (var (cube, entry) in expected.Split(leaf.Cube))
                {
                    // What came in at a port never goes back to it.
                    var done = leaf.End == RunEnd.Done && leaf.Committed is null;
                    if (alike.FirstOrDefault(p => !done || !Same(leaf.Sent, expected[entry].Sent, p.Port)) is { } differs)
                    {
                        findings.Settle("delivery", $"expected {string.Join(", ", expected[entry].Sent)}, found {string.Join(", ", leaf.Sent)}", new DeliveryProbes(bridge, judge).Of(differs, cube));
                    }
                }
            }
        }

        return delivered;
    }

    private static bool Same(ValueList<SentFrame> left, ValueList<SentFrame> right, PortName from)
    {
        var (sent, expected) = (left.Where(s => s.Port != from).ToArray(), right.Where(s => s.Port != from).ToArray());
        return sent.Length == expected.Length && sent.ToHashSet().SetEquals(expected);
    }

    /// <summary>What was found so far, each confirmed; not more than some.</summary>
    private sealed class Findings(BridgeSpec bridge)
    {
        private const int MaxFaults = 10;
        private const int MaxProbes = 3_000;

        private readonly List<FlowFault> faults = [];
        private readonly HashSet<string> unsettled = [];

        public Judge? Judge { get; set; }

        public IReadOnlyList<FlowFault> Faults => faults;

        public void Settle(string stage, string what, IEnumerable<Probe> probes)
        {
            if (faults.Count(f => f.Probe is not null) >= MaxFaults || Judge is not { } judge)
            {
                return;
            }

            foreach (var probe in probes.Take(MaxProbes))
            {
                var (expected, found) = (judge.Expect(probe), judge.Find(probe));
                if (expected != found)
                {
                    faults.Add(new(bridge.Bridge.Name, stage, what, probe, ConnectionOf(probe), expected, found));
                    return;
                }
            }

            if (unsettled.Add(stage))
            {
                faults.Add(new(bridge.Bridge.Name, stage, what, null, null, null, null));
            }
        }

        private Connection? ConnectionOf(Probe probe)
        {
            var packet = probe.Open?.First ?? probe.Packet;
            var network = bridge.ByPort.TryGetValue(probe.Port, out var placed) ? placed.Network
                : bridge.Networks.FirstOrDefault(n => n.Segment.Type == SegmentType.Vlan ? packet.Vlan == n.Segment.Id : n.Segment.Type == SegmentType.Vni ? packet.TunnelId == (ulong)n.Segment.Id : packet.Vlan is null);
            return packet.IsIp && network is not null
                ? new(network.Vrf, packet.Source, packet.Destination, packet.Protocol, packet.DestinationPort, packet.IcmpType, packet.IcmpCode, packet.SourcePort)
                : null;
        }
    }
}
