using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Proves one bridge's flows in stages, each held against its own part of the documents for all packets at once: what ports may
/// bring in; what connection tracking leads to; the decision; the commit; the delivery. Between stages stand the registers,
/// of which nothing is assumed but that the next stage does with them what it shall.
/// </summary>
internal sealed class BridgeProof
{
    private static readonly UInt128 Broadcast = 0xffff_ffff_ffff;

    private static readonly byte[] ArrivalTables = [PipelineTable.Ingress.Id, PipelineTable.SpoofGuard.Id];

    private readonly BridgeSpec bridge;
    private readonly FlowSet flows;
    private readonly FlowTables all;
    private readonly FlowTables byTable;
    private readonly HostNumbering? numbering;
    private readonly Dictionary<byte, CubeTable> tables = [];
    private readonly Dictionary<(QualifiedName Vrf, IpFamily Family), DecisionSpec> specs = [];
    private readonly Dictionary<SpaceKey, DecisionSpace> spaces = [];
    private readonly RuleLabels labels;
    private readonly ConnectionEpoch? epoch;
    private readonly uint mark;
    private readonly BridgeChange? change;

    /// <param name="numbering">null: any one epoch will do, and labels are not looked at.</param>
    /// <param name="change">What changed since all was proven; null: nothing is proven.</param>
    public BridgeProof(BridgeSpec bridge, FlowSet flows, HostNumbering? numbering, BridgeChange? change = null)
    {
        this.bridge = bridge;
        this.numbering = numbering;
        this.flows = flows;
        labels = new(bridge.Meaning.State.Documents, numbering?.Rules.ByName, numbering?.Chains.ByName);
        epoch = numbering?.Epoch;
        mark = epoch?.Mark ?? MarkOf(flows);
        this.change = change is { Before: var before } && before.Spec.IsAs(bridge) ? change with { Flows = PlainFlows.Of(change.Flows) } : null;
        all = this.change is { } known ? known.Before.All.With(change!.Flows) : FlowTables.Of(flows); // there is one if one is known
        byTable = this.change is { } plain ? plain.Before.Tables.With(plain.Flows) : FlowTables.Of(flows.Select(PlainFlows.Of).OfType<Flow>());
        if (all.Count != flows.Count)
        {
            throw new ArgumentException("the change of flows does not lead to these flows");
        }
    }

    /// <summary>What is proven after a run without faults.</summary>
    public ProvenBridge? Proven { get; private set; }

    public IReadOnlyList<FlowFault> Run()
    {
        if (ObserveProof.Unfit(byTable.All) is { } uncounted)
        {
            return [new(bridge.Bridge.Name, "counting", uncounted, null, null, null, null)];
        }

        if (byTable.Count > 0 && KeepProof.Unfit(byTable.All) is { } unkept)
        {
            return [new(bridge.Bridge.Name, "keeping", unkept, null, null, null, null)];
        }

        if (byTable.Count > 0 && (InspectionProof.Unfit(all, change is null ? all.All : change.Flows.Add) ?? WaysFault()) is { } astray)
        {
            return [new(bridge.Bridge.Name, "inspection", astray, null, null, null, null)];
        }

        if (Unfit() is { } unfit)
        {
            return [new(bridge.Bridge.Name, "flows", unfit, null, null, null, null)];
        }

        if (epoch is not null && RevisitProof.Unasked(byTable[PipelineTable.Connection.Id], epoch) is { } unasked)
        {
            return [new(bridge.Bridge.Name, "connection", unasked, null, null, null, null)];
        }

        var endsStay = change?.TouchesEnds == false;
        var arrivals = new ArrivalProof(bridge, TableOf);
        if (!endsStay)
        {
            arrivals.Run();
        }

        if (arrivals.Passages.FirstOrDefault(p => (p.Registers[10] & (Registers.ComesBack | Registers.Reply)) != 0 || (p.Registers[8] | p.Registers[9]) != 0) is { } early)
        {
            return [new(bridge.Bridge.Name, "inspection", $"what comes in at {early.Port} is on a way through appliances from the start", null, null, null, null)];
        }

        var (passages, zones) = endsStay ? (change!.Before.Passages, change.Before.Zones) : (arrivals.Passages, arrivals.Zones); // ends stay after a change only
        var judge = new Judge(bridge, flows, zones, mark, labels);
        var findings = new Findings(bridge, judge);
        foreach (var doubt in arrivals.Doubts)
        {
            findings.Settle("arrival", doubt.What, ArrivalProbes(doubt, judge));
        }

        var (decisions, deliveries) = Track([.. passages.Where(p => p.Arrival.Kind == ArrivalKind.Track)], endsStay, judge, findings);
        var stays = change is { Before: var before } && (ReferenceEquals(decisions, before.Decisions) || decisions.All(d => before.Decisions.Any(d.IsAs)));
        var (bits, distinct) = Distinct(decisions, stays);
        Decide(distinct, stays, bits.Lookups, judge, findings);
        var delivered = Deliver([.. passages.Where(p => p.Arrival.Kind != ArrivalKind.Track), .. deliveries], endsStay ? change!.Before.Delivered : new HashSet<string>(), judge, findings);
        Proven = findings.Faults.Count == 0 ? new(bridge, all, byTable, mark, passages, zones, decisions, distinct, deliveries, delivered, bits, spaces) : null;
        return findings.Faults;
    }

    /// <summary>What is wrong with the ways through appliances; null: nothing, or it is not known by which numbers they go.</summary>
    private string? WaysFault()
    {
        if (numbering is null)
        {
            return null;
        }

        var specs = bridge.Networks.Select(n => n.Vrf).Distinct().SelectMany(vrf => new[] { SpecOf(vrf, IpFamily.IPv4), SpecOf(vrf, IpFamily.IPv6) }).ToArray();
        var chains = (Out: ChainsOf(specs.SelectMany(s => s.OutRules)), In: ChainsOf(specs.SelectMany(s => s.InRules)));
        return chains.Out.Concat(chains.In).Where(c => !numbering.Chains.ByName.ContainsKey(c.ToString())).Select(c => $"chain {c} has no number").FirstOrDefault()
            ?? new InspectionProof(bridge, all, numbering, chains).Run();
    }

    private static HashSet<QualifiedName> ChainsOf(IEnumerable<MeantRule> rules) =>
        [.. rules.Select(r => r.Rule).Where(r => r is { Action: RuleAction.Inspect, Mode: RuleMode.Enforce }).Select(r => r.Chain).OfType<QualifiedName>()];

    private (IReadOnlyList<PlannedDecision> Decisions, IReadOnlyCollection<Passage> Deliveries) Track(IReadOnlyList<Passage> tracked, bool endsStay, Judge judge, Findings findings)
    {
        if (endsStay && change is { Before: var before } && before.Mark == mark && !change.Touches(table => table == PipelineTable.Commit.Id || table == PipelineTable.Classify.Id || tracked.Any(p => p.Table == table)))
        {
            return (before.Decisions, before.Deliveries);
        }

        var connections = new ConnectionProof(TableOf, mark, tracked);
        connections.Run();
        foreach (var doubt in connections.Doubts)
        {
            var (vrf, family) = (doubt.Passage.Arrival.Network!.Vrf, doubt.Cube.Narrow(Constraint.Is(Field.EthType, 0x0800)) is null ? IpFamily.IPv6 : IpFamily.IPv4); // what is tracked has one
            var decided = connections.Decisions.Where(d => d.Family == family && d.Passage.Arrival.Network?.Vrf == vrf).Take(1)
                .SelectMany(d => new DecisionProbes(bridge, judge, d).Everywhere(SpecOf(vrf, family)));
            findings.Settle(doubt.Stage, doubt.What, new TrackedProbes(bridge, judge).Of(doubt).Concat(doubt.Stage == "commit" ? decided : []));
        }

        return (connections.Decisions, connections.Deliveries);
    }

    private CubeTable? TableOf(byte table)
    {
        if (!tables.TryGetValue(table, out var known) && byTable[table].Count > 0)
        {
            tables.Add(table, known = new([.. byTable[table].Where(f => !RevisitProof.IsRevisit(f) && !KeepProof.OnlyKeeps(f))]));
        }

        return known;
    }

    /// <summary>What keeps these flows from being looked at; null: nothing.</summary>
    private string? Unfit()
    {
        foreach (var flow in change is null ? byTable.All : change.Flows.Add.AsEnumerable())
        {
            if (flow.Actions.OfType<GotoTable>().Any(g => g.Table <= flow.Table))
            {
                return $"goto_table leads backwards: {flow}";
            }

            if (flow.Match.InPort is not null && !ArrivalTables.Contains(flow.Table))
            {
                return $"a port is matched where packets of all ports come together: {flow}";
            }

            if (ReceiverProof.Depends(flow))
            {
                return $"the spoof guard asks for more than what a packet says: {flow}";
            }

            foreach (var field in flow.Match.Fields)
            {
                if (!Constraint.IsRegular(field) && !RevisitProof.IsRevisit(flow) && !KeepProof.OnlyKeeps(flow))
                {
                    return $"a mask is too irregular: {flow}";
                }
            }
        }

        return null;
    }

    /// <summary>The mark that most commits write.</summary>
    private static uint MarkOf(FlowSet flows) => flows.SelectMany(f => f.Actions.OfType<Conntrack>()).SelectMany(c => c.Exec).OfType<SetField>()
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
                yield return new(port, packet, new(packet, judge.Zones.GetValueOrDefault(vrf), judge.Mark));
            }
        }
    }

    /// <summary>What the deciding tables and lookups look at, and the decisions that they tell apart by it.</summary>
    /// <param name="stays">Whether all of the decisions are as before the change.</param>
    private ((MatchedBits Tiers, MatchedBits Lookups) Bits, IReadOnlyList<PlannedDecision> Distinct) Distinct(IReadOnlyList<PlannedDecision> decisions, bool stays)
    {
        var lookupTables = decisions.Select(d => d.Input.LookupTable).OfType<byte>().Distinct().ToArray();
        var before = stays ? change?.Before : null;
        var tiers = before is null ? MatchedBits.None.With(byTable.Tiers) : before.Bits.Tiers.With(TiersOf(change!.Flows.Add)); // what is before is before a change
        var lookups = before is null
            ? MatchedBits.None.With(lookupTables.SelectMany(table => byTable[table]))
            : before.Bits.Lookups.With(change!.Flows.Add.Where(f => lookupTables.Contains(f.Table)));
        var isSame = before is not null && before.Decisions.Count == decisions.Count && tiers == before.Bits.Tiers && lookups == before.Bits.Lookups;
        return ((tiers, lookups), isSame ? before!.Distinct : [.. PlannedDecision.Distinct(decisions, tiers, lookups)]);
    }

    private static Flow[] TiersOf(ValueList<Flow> flows) => [.. flows.Where(f => f.Table is >= PipelineTable.OutTiers and < 30 && !ObserveProof.OnlyCounts(f) && !KeepProof.OnlyKeeps(f))];

    private void Decide(IReadOnlyList<PlannedDecision> decisions, bool stays, MatchedBits lookupBits, Judge judge, Findings findings)
    {
        var tierChange = stays ? TierChange.Of(change!.Before.Tables.Tiers, byTable.Tiers, TiersOf(change.Flows.Remove), TiersOf(change.Flows.Add)) : null;
        foreach (var decision in decisions)
        {
            var key = (decision.Passage.Arrival.Network!.Vrf, decision.Family); // what is tracked has a network
            var spec = SpecOf(key.Vrf, key.Family);
            var (space, relooked) = SpaceOf(decision, spec, lookupBits, tierChange);
            var probes = new DecisionProbes(bridge, judge, decision);
            var question = space is null ? null : new DecisionQuestion(
                space, byTable.Tiers, new(decision.Passage.Registers[0], decision.Passage.Registers[1]), decision.Input, decision.Form, decision.CtState, decision.Services, decision.Passage.Arrival.ToDhcpClient);
            var gaps = question is null ? null
                : DecisionProof.Run(question, tierChange is not null && relooked is not null ? new(tierChange, relooked, [.. change!.Meant.Where(r => r.Vrf == key.Vrf)]) : null);
            if (gaps is null)
            {
                findings.Settle("decision", "the flows ask for what their way there does not tell", probes.Everywhere(spec));
                continue;
            }

            foreach (var gap in gaps)
            {
                findings.Settle("decision", $"{gap.Source.Sample} to {gap.Destination.Sample} {gap.Services}: expected {gap.Expected}, found {gap.Found}", probes.Of(gap));
            }
        }
    }

    /// <summary>The addresses that a decision tells apart, and those of lookups that changed; null: it cannot be told.</summary>
    private (DecisionSpace? Space, AddressSet? Relooked) SpaceOf(PlannedDecision decision, DecisionSpec spec, MatchedBits lookupBits, TierChange? tierChange)
    {
        if (decision.Input.LookupTable is not { } table)
        {
            return (null, null);
        }

        uint[] registers = [.. decision.Passage.Registers];
        var key = new SpaceKey(decision.Passage.Arrival.Network!.Vrf, decision.Family, table, string.Join(' ', registers.Select((r, i) => r & lookupBits.Masks[i])));
        var before = tierChange is null ? null : change!.Before.Spaces.GetValueOrDefault(key); // tiers change after a change only
        AddressSet? relooked = null;
        if (tierChange is not null && LookupsIn(change!.Flows.Remove) is { } gone && LookupsIn(change.Flows.Add) is { } come && gone.Concat(come).All(l => l.Irregular is null))
        {
            relooked = AddressSet.OfRanges(gone.Concat(come).SelectMany(l => l.Ranges));
            if (!spaces.ContainsKey(key) && before is not null
                && before.After(spec, change.Flows.Add, LookupRange.With(before.Lookups, change.Flows.Remove, come), relooked) is { } next)
            {
                spaces.Add(key, next);
            }
        }

        if (!spaces.TryGetValue(key, out var space))
        {
            space = LookupRange.Of(byTable[table], registers, decision.Family) is { } lookups
                ? DecisionSpace.Of(spec, decision.Family, byTable.Tiers.Concat(tierChange?.Before ?? []), lookups)
                : null;
            if (space is not null)
            {
                spaces.Add(key, space);
            }
        }

        return (space, relooked);

        IReadOnlyList<LookupRange>? LookupsIn(ValueList<Flow> some) => LookupRange.Of(some.Where(f => f.Table == table), registers, decision.Family);
    }

    private DecisionSpec SpecOf(QualifiedName vrf, IpFamily family)
    {
        if (!specs.TryGetValue((vrf, family), out var spec))
        {
            specs.Add((vrf, family), spec = new(bridge, vrf, family, labels));
        }

        return spec;
    }

    private HashSet<string> Deliver(IReadOnlyList<Passage> passages, IReadOnlySet<string> stays, Judge judge, Findings findings)
    {
        var run = new CubeRun(TableOf, _ => false);
        var delivered = new HashSet<string>();
        foreach (var alike in passages.GroupBy(p => (p.Arrival with { Kind = ArrivalKind.Deliver, ToDhcpClient = false }, p.Table, p.Registers, p.Arrival.Kind == ArrivalKind.Forward)))
        {
            var passage = alike.First();
            var name = $"{alike.Key.Item1.Network?.QualifiedName} {alike.Key.Item1 with { Network = null }} {alike.Key.Item2} {alike.Key.Item3} {alike.Key.Item4} {string.Join(' ', alike.Select(p => p.Port).Distinct().Order())}";
            delivered.Add(name);
            if (stays.Contains(name))
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
}
