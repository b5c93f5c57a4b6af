using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// The ways of inspected connections through appliances, tried out one by one: every pair of chains in every network, in both
/// directions, with every port up and with each one down. What the tables concerned may match leaves nothing else to try.
/// </summary>
/// <param name="chains">The chains that rules inspect by on each side here.</param>
internal sealed class InspectionProof(BridgeSpec bridge, FlowTables flows, HostNumbering numbering, (IReadOnlySet<QualifiedName> Out, IReadOnlySet<QualifiedName> In) chains)
{
    private static readonly PortName ToGuard = PortName.Parse("guard");
    private static readonly PortName ToForward = PortName.Parse("forward");
    private static readonly PortName Anywhere = PortName.Parse("anywhere");
    private static readonly Packet Anything = Packet.Tcp(new(default, IpAddress.FromIPv4(1)), new(default, IpAddress.FromIPv4(2)), 80);

    private readonly PacketSimulator simulator = new(FlowSet.Of(
    [
        .. flows.Ways,
        new(PipelineTable.DeliveryGuard.Id, 0, Match.Any, [.. Tell(), new Output(ToGuard)], 0),
        new(PipelineTable.Forward.Id, 0, Match.Any, [.. Tell(), new Output(ToForward)], 0),
    ]));

    private readonly HashSet<Flow> used = new(ReferenceEqualityComparer.Instance);

    /// <summary>What is wrong with them; null: nothing.</summary>
    public string? Run()
    {
        foreach (var outChain in chains.Out.Select(c => (QualifiedName?)c).Append(null))
        {
            foreach (var inChain in chains.In.Select(c => (QualifiedName?)c).Append(null))
            {
                if (WayFault(outChain, inChain) is { } fault)
                {
                    return $"through {outChain?.ToString() ?? "nothing"} and {inChain?.ToString() ?? "nothing"}: {fault}";
                }
            }
        }

        return new RelayProof(bridge, simulator, used).Run()
            ?? flows.Ways.Where(f => (f.Table == PipelineTable.Ingress.Id || f.Match.Find(Field.TunnelId) is not null) && !used.Contains(f)).Select(f => $"no way leads there by {f}").FirstOrDefault();
    }

    /// <summary>What keeps the ways from being looked at by themselves; null: nothing.</summary>
    /// <param name="unproven">Those of the flows that no proof has looked at.</param>
    public static string? Unfit(FlowTables tables, IEnumerable<Flow> unproven)
    {
        if (unproven.FirstOrDefault(LeadsIntoWays) is { } astray)
        {
            return $"leads into the middle of the ways through appliances: {astray}";
        }

        var glue = Past(tables[PipelineTable.Connection.Id], PlainFlows.Remembered) ?? Past(tables[PipelineTable.Commit.Id], [PlainFlows.Direction]) ?? UnfitGuard(tables[PipelineTable.DeliveryGuard.Id]);
        return glue ?? tables.Ways.Where(f => !IsOfRegisters(f)).Select(f => $"a way through appliances asks for more than it may: {f}").FirstOrDefault();
    }

    private static bool LeadsIntoWays(Flow flow)
    {
        foreach (var action in flow.Actions.AsSpan())
        {
            if (action is GotoTable { Table: > 40 and < 50 } or Resubmit { Table: > 40 and < 50 } && flow.Table != PipelineTable.DeliveryGuard.Id && !PlainFlows.IsWay(flow))
            {
                return true;
            }
        }

        return false;
    }

    private static string? Past(IReadOnlyList<Flow> flows, IReadOnlyList<Move> remembered)
    {
        var before = flows.Where(f => f.Actions.Any(a => a is GotoTable { Table: var next } && next == PipelineTable.DeliveryGuard.Id));
        return before.Where(f => !f.Actions.TakeWhile(a => a is not Conntrack).OfType<Move>().ToHashSet().SetEquals(remembered))
            .Select(f => $"delivery is not told all that it asks for: {f}").FirstOrDefault();
    }

    private static string? UnfitGuard(IReadOnlyList<Flow> flows)
    {
        var inspect = new GotoTable(PipelineTable.Inspect.Id);
        var missing = new[]
        {
            new Flow(PipelineTable.DeliveryGuard.Id, 2, Match.Any.With(Registers.SourceOwner, 0), [inspect], 0),
            new Flow(PipelineTable.DeliveryGuard.Id, 1, Match.Any.With(Registers.DestinationOwner, 0), [inspect], 0),
            new Flow(PipelineTable.DeliveryGuard.Id, 0, Match.Any, [PlainFlows.LeavesToComeBack, inspect], 0),
        }.ToDictionary(f => f.Key);
        foreach (var flow in flows)
        {
            if (missing.Remove(flow.Key, out var expected) ? !flow.Actions.Equals(expected.Actions) : flow.Priority <= 2 || flow.Actions is not ([] or [GotoTable { Table: 41 }]))
            {
                return $"not as what leads to appliances shall be: {flow}";
            }
        }

        return missing.Values.Select(f => $"nothing leads to appliances by {f}").FirstOrDefault();
    }

    /// <summary>Whether a way's flow asks for and writes only what is tried here.</summary>
    private static bool IsOfRegisters(Flow flow) =>
        flow.Match.InPort is null == (flow.Table != PipelineTable.Ingress.Id)
        && flow.Match.Fields.ToArray().All(f => flow.Table switch
        {
            0 => f.Field == Field.VlanVid || f.Field == Field.TunnelId,
            45 => f.Field == Field.VlanVid || f.Field == Registers.Leg,
            41 => f.Field == Registers.OutRule || f.Field == Registers.InRule || f.Field == Registers.Flags,
            42 => f.Field == Registers.Leg || f.Field == Registers.Network,
            43 => f.Field == Registers.Leg || f.Field == Field.TunnelId,
            _ => f.Field == Registers.Leg || f.Field == Registers.HopPorts || f.Field == Field.TunnelId,
        })
        && flow.Actions.All(a => a is SetField or Move or ForgetInPort or PushVlan or PopVlan or BundleLoad or Output or GotoTable or Resubmit { Table: 40 or 43 });

    private string? WayFault(QualifiedName? outChain, QualifiedName? inChain)
    {
        var hops = HopsOf(outChain, inChain);
        foreach (var network in bridge.Networks)
        {
            for (var flags = 0u; flags < 4; flags++)
            {
                foreach (var isReply in new[] { false, true })
                {
                    foreach (var down in Downs(hops))
                    {
                        var start = new Start(Word(outChain), Word(inChain), numbering.Networks[network.QualifiedName.ToString()], flags | (isReply ? Registers.Reply : 0));
                        if (Follow(start, hops is null || !isReply ? hops : [.. hops.Reverse()], isReply, down) is { } fault)
                        {
                            return $"{network.QualifiedName}, flags {flags}{(isReply ? ", reply" : "")}{(down.Count > 0 ? $", without {string.Join(' ', down)}" : "")}: {fault}";
                        }
                    }
                }
            }
        }

        return null;
    }

    /// <summary>Nobody down, everybody, and each port alone.</summary>
    private static IEnumerable<HashSet<PortName>> Downs(IReadOnlyList<ReachedHop>? hops)
    {
        PortName[] ports = [.. (hops ?? []).SelectMany(h => new[] { h.Near(false), h.Far(false) }).Distinct()];
        return ports.Length == 0 ? [[]] : [[], [.. ports], .. ports.Select(p => new HashSet<PortName> { p })];
    }

    private string? Follow(Start start, IReadOnlyList<ReachedHop>? hops, bool isReply, HashSet<PortName> down)
    {
        var result = simulator.RunFrom(
            PipelineTable.Inspect.Id,
            Anything,
            [(Registers.OutRule, start.Out), (Registers.InRule, start.In), (Registers.Network, start.Network), (Registers.Flags, start.Flags), (Registers.SourceOwner, 1), (Registers.DestinationOwner, 1)],
            Anywhere,
            down);
        var went = 0;
        foreach (var hop in hops ?? [])
        {
            var (near, far) = (hop.Near(isReply), hop.Far(isReply));
            if (down.Contains(near) || down.Contains(far))
            {
                if (hop.Hop.OnFailure == OnFailure.Closed)
                {
                    return Sent(result) is { Length: > 0 } past ? $"goes past {hop.Hop.Name} to {past}" : null;
                }

                continue;
            }

            if (result.Ambiguity is not null || result.Outputs is not [var output] || output.Port != near || output.Packet.Vlan is null || (hop.Tunnel is not null && output.Packet.TunnelId != hop.KeyThere(isReply)))
            {
                return $"{hop.Hop.Name} is not next, but {Sent(result)}";
            }

            went++;
            result = simulator.Run(hop.Tunnel is null ? output.Packet : output.Packet with { TunnelId = RelayKey.Back | hop.Key(isReply) }, far, new(), down);
            used.UnionWith(result.Trace.Select(s => s.Flow).OfType<Flow>());
        }

        if (hops is null)
        {
            return Sent(result) is { Length: > 0 } open ? $"a hop is out of reach and closed, but it goes to {open}" : null;
        }

        // Straight on with all that it came with; or back in delivery, with what it takes to go on and nothing that would send it round again.
        var expected = hops.Count == 0 ? (ToForward, Told(start.Network, start.Flags, start.Out, start.In)) : (ToGuard, Told(start.Network, start.Flags & (went > 0 ? 3 : uint.MaxValue), 0, 0));
        return result.Ambiguity is null && result.Outputs is [var end] && (end.Port, (end.Packet.EthSrc, end.Packet.EthDst)) == expected && end.Packet.Vlan is null ? null : $"ends at {Sent(result)}";
    }

    private IReadOnlyList<ReachedHop>? HopsOf(QualifiedName? outChain, QualifiedName? inChain)
    {
        var hops = new List<ReachedHop>();
        foreach (var hop in new[] { outChain, inChain }.OfType<QualifiedName>().Distinct().SelectMany(c => bridge.Meaning.State.Chain(c).Hops))
        {
            var tunnel = bridge.TunnelTo(hop);
            if (tunnel is null && (!bridge.Has(hop.Ingress) || !bridge.Has(hop.Egress)))
            {
                if (hop.OnFailure == OnFailure.Closed)
                {
                    return null;
                }
            }
            else if (hops.All(h => h.Tunnel != tunnel || (!h.Hop.Uses(hop.Ingress.Port) && !h.Hop.Uses(hop.Egress.Port))))
            {
                hops.Add(new(hop, tunnel));
            }
        }

        return hops;
    }

    private uint Word(QualifiedName? chain) => chain is { } named ? numbering.Chains[named.ToString()] << 24 : 0;

    private static string Sent(SimulationResult result) => string.Join(", ", result.Outputs.Select(o => $"{o.Port} {o.Packet.Vlan}"));

    /// <summary>Writes what registers say into the packet's addresses, for the eye to see.</summary>
    private static FlowAction[] Tell() =>
    [
        new Move(new(Registers.Network, 0, 32), new(Field.EthSrc, 0, 32)), new Move(new(Registers.Flags, 0, 8), new(Field.EthSrc, 32, 8)),
        new Move(new(Registers.OutRule, 24, 8), new(Field.EthDst, 0, 8)), new Move(new(Registers.InRule, 24, 8), new(Field.EthDst, 8, 8)),
    ];

    private static (MacAddress Source, MacAddress Destination) Told(uint network, uint flags, uint outWord, uint inWord) =>
        (MacAddress.FromBits(network | ((ulong)flags << 32)), MacAddress.FromBits((outWord >> 24) | (inWord >> 24 << 8)));

    /// <param name="Tunnel">The port of the tunnel that leads to it; null: it is here.</param>
    private sealed record ReachedHop(Hop Hop, PortName? Tunnel)
    {
        public PortName Near(bool isReply) => Tunnel ?? (isReply ? Hop.Egress.Port : Hop.Ingress.Port);

        public PortName Far(bool isReply) => Near(!isReply);

        public uint Key(bool isReply) => isReply ? RelayKey.Of(Hop.Egress.Port, Hop.Ingress.Port) : RelayKey.Of(Hop.Ingress.Port, Hop.Egress.Port);

        public uint KeyThere(bool isReply) => Hop.OnFailure == OnFailure.Open ? Key(isReply) | RelayKey.MayPassBy : Key(isReply);
    }

    private readonly record struct Start(uint Out, uint In, uint Network, uint Flags);
}
