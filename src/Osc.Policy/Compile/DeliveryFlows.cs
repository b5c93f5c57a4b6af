using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model.Documents;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>
/// DeliveryGuard and Forward. Nothing is learned and nothing is NORMAL: a frame goes out of the local port whose MAC and
/// network it names, to all of its network, or to the uplinks. What came from an uplink never goes back to one.
/// </summary>
internal sealed class DeliveryFlows(BridgeView view, IFlowNumbers numbers, FlowBuilder flows)
{
    /// <summary>What does not belong to one interface.</summary>
    public void Add()
    {
        flows.Add(PipelineTable.DeliveryGuard, 300, Match.Any.With(Registers.Flags, Registers.ToMany, Registers.ToMany), PipelineCookie, To(PipelineTable.Inspect));
        flows.Add(PipelineTable.DeliveryGuard, 90, Match.Any.With(Field.EthDst, MacToMany, MacToMany), PipelineCookie);
        foreach (var (priority, owner) in new[] { (2, Registers.SourceOwner), (1, Registers.DestinationOwner) })
        {
            flows.Add(PipelineTable.DeliveryGuard, priority, Match.Any.With(owner, 0), PipelineCookie, To(PipelineTable.Inspect));
        }

        flows.Add(PipelineTable.DeliveryGuard, 0, Match.Any, PipelineCookie, Set(Registers.Flags, Registers.ComesBack, Registers.ComesBack), To(PipelineTable.Inspect));

        foreach (var network in view.Networks)
        {
            AddForward(network);
        }

        flows.Add(PipelineTable.Forward, 0, Match.Any, PipelineCookie);
    }

    private void AddForward(NetworkDocument network)
    {
        FlowAction[] ports = [.. view.Interfaces.Where(i => i.Network.QualifiedName == network.QualifiedName).Select(i => i.Interface.Attachment).OfType<Attachment>().Select(a => new Output(a.Port))];
        FlowAction[] uplinks = [.. Tag(network.Segment), .. view.Bridge.Uplinks.Select(u => (FlowAction)new Output(u))];
        var toMany = OnNetwork(network).With(Field.EthDst, MacToMany, MacToMany);
        flows.Add(PipelineTable.Forward, 90, toMany.With(Registers.Flags, Registers.FromLocal, Registers.FromLocal), ForwardCookie, view.Bridge.Uplinks.Count == 0 ? ports : (FlowAction[])[.. ports, .. uplinks]);
        flows.Add(PipelineTable.Forward, 90, toMany.With(Registers.Flags, 0, Registers.FromLocal), ForwardCookie, ports);
        if (view.Bridge.Uplinks.Count > 0)
        {
            flows.Add(PipelineTable.Forward, 80, OnNetwork(network).With(Registers.Flags, Registers.FromLocal, Registers.FromLocal), ForwardCookie, uplinks);
        }
    }

    private static FlowAction[] Tag(Segment segment) => segment.Type switch
    {
        SegmentType.Vlan => [new PushVlan(), Set(Field.VlanVid, (uint)(VlanPresent | segment.Id))],
        SegmentType.Vni => [Set(Field.TunnelId, (uint)segment.Id)],
        _ => [],
    };

    private Match OnNetwork(NetworkDocument network) => Match.Any.With(Registers.Network, numbers.OfNetwork(network.QualifiedName));
}
