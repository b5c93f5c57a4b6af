using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>
/// Lends the appliances of this bridge to bridges that have a tunnel here: a frame that comes through a tunnel goes to the appliance
/// that its key names, and from there back by the same tunnel. It carries a second tag meanwhile, which says which tunnel that is.
/// </summary>
internal sealed class RelayFlows(BridgeView view, IFlowNumbers numbers, FlowBuilder flows)
{
    public void Add()
    {
        if (!view.Relays)
        {
            return;
        }

        foreach (var tunnel in view.Bridge.Tunnels)
        {
            AddTunnel(tunnel.Port, numbers.OfLane(view.LaneKey(tunnel)));
        }

        foreach (var (near, far) in view.LentAppliances.SelectMany(a => new[] { a, (Near: a.Far, Far: a.Near) }))
        {
            AddAppliance(near, far);
        }

        AddFailures();
        flows.Add(PipelineTable.Return, 15, Relayed, ForwardCookie); // nobody's: what comes back for a lane that is no tunnel's
    }

    private static Match Relayed => Match.Any.With(Registers.Leg, InspectionLeg.Relayed);

    private void AddTunnel(PortName port, uint lane)
    {
        if (lane > InspectionTag.MaxLane)
        {
            return; // its frames are dropped
        }

        flows.Add(
            PipelineTable.Ingress,
            100,
            Match.OnPort(port).With(Field.TunnelId, 0, RelayKey.Mask & ~(RelayKey.Back - 1UL)),
            PortCookie,
            new ForgetInPort(), new PushVlan(), Set(Field.VlanVid, InspectionTag.Of(lane)), Set(Registers.Leg, InspectionLeg.Relayed), To(PipelineTable.Hop));
        flows.Add(PipelineTable.Return, 20, Relayed.With(Field.VlanVid, InspectionTag.Of(lane)), ForwardCookie, new PopVlan(), new Output(port));
    }

    private void AddAppliance(PortName near, PortName far)
    {
        var key = RelayKey.Of(near, far);
        var frames = Relayed.With(Field.TunnelId, key, RelayKey.Mask & ~(ulong)RelayKey.MayPassBy);
        flows.Add(PipelineTable.Hop, 10, frames, ForwardCookie, new BundleLoad(near, Registers.NearPort), new BundleLoad(far, Registers.FarPort), To(PipelineTable.Divert));
        flows.Add(PipelineTable.Divert, 10, frames, ForwardCookie, new Output(near));
        flows.Add(PipelineTable.Ingress, 90, Match.OnPort(far).With(Field.VlanVid, VlanPresent, VlanPresent), PortCookie, Set(Registers.Leg, InspectionLeg.Relayed), Set(Field.TunnelId, key | RelayKey.Back), To(PipelineTable.Return));
    }

    /// <summary>An appliance that is down is passed by if the key allows it: the frame goes back as if it had been there.</summary>
    private void AddFailures()
    {
        foreach (var port in new[] { Registers.NearPort, Registers.FarPort })
        {
            var down = (UInt128)BundleLoad.Down << port.Offset;
            var failed = Relayed.With(Registers.HopPorts, down, down);
            flows.Add(PipelineTable.Divert, 30, failed.With(Field.TunnelId, RelayKey.MayPassBy, RelayKey.MayPassBy), ForwardCookie, new SetField(Field.TunnelId, RelayKey.Back, RelayKey.Back | RelayKey.MayPassBy), To(PipelineTable.Return));
            flows.Add(PipelineTable.Divert, 20, failed, ForwardCookie);
        }
    }
}
