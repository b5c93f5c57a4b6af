using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>
/// The ways of inspected connections through appliances. A frame goes out to the one port of an appliance and comes back at the
/// other, under a tag that says whither from there; replies take the same way backwards. The switch itself sees when a
/// port is down, so that what becomes of packets then waits for nobody.
/// </summary>
internal sealed class InspectionFlows(BridgeView view, InspectedChains chains, IFlowNumbers numbers, FlowBuilder flows)
{
    public void Add()
    {
        flows.Add(PipelineTable.Inspect, 30, Match.Any.With(Registers.Flags, Registers.ComesBack, Registers.ComesBack), PipelineCookie, To(PipelineTable.Forward));
        flows.Add(PipelineTable.Inspect, 20, Chained(0, 0), PipelineCookie, To(PipelineTable.Forward));
        foreach (var table in new[] { PipelineTable.Inspect, PipelineTable.Lane, PipelineTable.Hop, PipelineTable.Divert, PipelineTable.Return })
        {
            flows.Add(table, 0, Match.Any, PipelineCookie);
        }

        var ways = new HashSet<string>();
        foreach (var way in chains.Ways(view).Where(w => w.Hops is not null && w.Chains.All(c => numbers.OfChain(c) <= Registers.MaxChain)))
        {
            AddEntries(way, way.Hops!); // those that are open
            if (way.Hops!.Count > 0 && ways.Add(way.Name))
            {
                AddLanes(way, way.Hops);
                AddLegs(way, way.Hops);
            }
        }
    }

    /// <summary>From the deciding rules' chains to the first hop, or the last for a reply.</summary>
    private void AddEntries(InspectedWay way, IReadOnlyList<InspectionHop> hops)
    {
        var match = Chained(NumberOf(way.OutChain), NumberOf(way.InChain));
        if (hops.Count == 0)
        {
            flows.Add(PipelineTable.Inspect, 10, match, ForwardCookie, To(PipelineTable.Forward));
            return;
        }

        foreach (var isReply in new[] { false, true })
        {
            var leg = InspectionLeg.Of(NumberOf(way), isReply ? hops.Count - 1 : 0, isReply);
            flows.Add(PipelineTable.Inspect, 10, match.With(Registers.Flags, isReply ? Registers.Reply : 0, Registers.Reply), ForwardCookie, Set(Registers.Leg, leg), To(PipelineTable.Lane));
        }
    }

    private void AddLanes(InspectedWay way, IReadOnlyList<InspectionHop> hops)
    {
        foreach (var network in view.Networks)
        {
            var lane = numbers.OfLane(way.LaneKey(view.Bridge.Name, network.QualifiedName));
            if (lane > InspectionTag.MaxLane)
            {
                continue; // its connections are dropped
            }

            var number = numbers.OfNetwork(network.QualifiedName);
            flows.Add(
                PipelineTable.Lane,
                10,
                Match.Any.With(Registers.Leg, NumberOf(way), InspectionLeg.WayMask).With(Registers.Network, number),
                ForwardCookie,
                new PushVlan(), Set(Field.VlanVid, InspectionTag.Of(lane)), new Move(InspectionTag.KeptFlags, InspectionTag.Flags), To(PipelineTable.Hop));
            flows.Add(
                PipelineTable.Return,
                10,
                Tagged(Match.Any, lane),
                ForwardCookie,
                new Move(InspectionTag.Flags, InspectionTag.KeptFlags), new PopVlan(), Set(Registers.Network, number),
                Set(Registers.OutRule, 0), Set(Registers.InRule, 0), Set(Registers.SourceOwner, 0), new Resubmit(PipelineTable.DeliveryGuard.Id));
            for (var hop = 0; hop < hops.Count; hop++)
            {
                foreach (var isReply in new[] { false, true })
                {
                    AddReturn(hops[hop], isReply, lane, Onward(way, hops, hop, isReply, backwards: false));
                }
            }
        }
    }

    /// <summary>Where a frame comes back. One of a tunnel may go on through the same.</summary>
    private void AddReturn(InspectionHop hop, bool isReply, uint lane, FlowAction[] onward)
    {
        var match = Tagged(Match.OnPort(hop.Far(isReply)), lane);
        if (hop.Tunnel is null)
        {
            flows.Add(PipelineTable.Ingress, 100, match, PortCookie, onward);
        }
        else
        {
            flows.Add(PipelineTable.Ingress, 100, match.With(Field.TunnelId, RelayKey.Back | KeyOf(hop, isReply)), PortCookie, [new ForgetInPort(), .. onward]);
        }
    }

    private void AddLegs(InspectedWay way, IReadOnlyList<InspectionHop> hops)
    {
        for (var i = 0; i < hops.Count; i++)
        {
            foreach (var isReply in new[] { false, true })
            {
                var (near, far) = (hops[i].Near(isReply), hops[i].Far(isReply));
                var leg = Match.Any.With(Registers.Leg, InspectionLeg.Of(NumberOf(way), i, isReply));
                flows.Add(PipelineTable.Hop, 10, leg, ForwardCookie, new BundleLoad(near, Registers.NearPort), new BundleLoad(far, Registers.FarPort), To(PipelineTable.Divert));
                FlowAction[] otherwise = hops[i].Hop.OnFailure == OnFailure.Open ? Onward(way, hops, i, isReply, backwards: true) : [];
                foreach (var port in new[] { Registers.NearPort, Registers.FarPort })
                {
                    var down = (UInt128)BundleLoad.Down << port.Offset;
                    flows.Add(PipelineTable.Divert, 20, leg.With(Registers.HopPorts, down, down), ForwardCookie, otherwise);
                }

                flows.Add(PipelineTable.Divert, 10, leg, ForwardCookie, [.. Through(hops[i], isReply), new Output(near)]);
            }
        }
    }

    /// <summary>From behind one hop to the next, or to delivery.</summary>
    /// <param name="backwards">Whether the tables' order does not lead there.</param>
    private FlowAction[] Onward(InspectedWay way, IReadOnlyList<InspectionHop> hops, int hop, bool isReply, bool backwards)
    {
        var next = isReply ? hop - 1 : hop + 1;
        return next < 0 || next == hops.Count
            ? [To(PipelineTable.Return)]
            : [Set(Registers.Leg, InspectionLeg.Of(NumberOf(way), next, isReply)), backwards ? new Resubmit(PipelineTable.Hop.Id) : To(PipelineTable.Hop)];
    }

    private static FlowAction[] Through(InspectionHop hop, bool isReply) =>
        hop.Tunnel is null ? [] : [Set(Field.TunnelId, KeyOf(hop, isReply) | (hop.Hop.OnFailure == OnFailure.Open ? RelayKey.MayPassBy : 0))];

    private static uint KeyOf(InspectionHop hop, bool isReply) => RelayKey.Of(hop.End(isReply), hop.End(!isReply));

    private static Match Chained(uint outChain, uint inChain) => Match.Any
        .With(Registers.OutRule, (UInt128)outChain << Registers.OutChain.Offset, (UInt128)Registers.MaxChain << Registers.OutChain.Offset)
        .With(Registers.InRule, (UInt128)inChain << Registers.InChain.Offset, (UInt128)Registers.MaxChain << Registers.InChain.Offset);

    private static Match Tagged(Match match, uint lane) => match.With(Field.VlanVid, InspectionTag.Of(lane), InspectionTag.LaneMask);

    private uint NumberOf(QualifiedName? chain) => chain is { } named ? numbers.OfChain(named) : 0;

    private uint NumberOf(InspectedWay way)
    {
        var chains = way.Chains.Select(numbers.OfChain).ToArray();
        return InspectionLeg.WayOf(chains[0], chains.Length > 1 ? chains[1] : 0);
    }
}
