using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>What may come in from outside, and that nothing else comes in.</summary>
internal sealed class UplinkFlows(BridgeView view, IFlowNumbers numbers, FlowBuilder flows)
{
    public void Add()
    {
        foreach (var uplink in view.Bridge.Uplinks)
        {
            foreach (var network in view.Networks)
            {
                AddUplink(uplink, network);
            }
        }

        flows.Add(PipelineTable.Ingress, 0, Match.Any, PipelineCookie);
    }

    private void AddUplink(PortName uplink, NetworkDocument network)
    {
        var match = Match.OnPort(uplink);
        FlowAction[] arrive = [.. InterfaceFlows.Place(network, numbers), To(PipelineTable.Dispatch)];
        switch (network.Segment.Type)
        {
            case SegmentType.Vlan:
                flows.Add(PipelineTable.Ingress, 100, match.With(Field.VlanVid, (uint)(VlanPresent | network.Segment.Id)), PortCookie, [new PopVlan(), .. arrive]);
                break;
            case SegmentType.Vni:
                flows.Add(PipelineTable.Ingress, 100, match.With(Field.VlanVid, 0).With(Field.TunnelId, (uint)network.Segment.Id), PortCookie, arrive);
                break;
            default:
                flows.Add(PipelineTable.Ingress, 90, match.With(Field.VlanVid, 0), PortCookie, arrive);
                break;
        }
    }
}
