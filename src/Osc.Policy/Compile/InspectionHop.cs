using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Compile;

/// <summary>A hop as a bridge reaches it: by its ports, or through a tunnel to the bridge that has them.</summary>
/// <param name="Tunnel">The port of the tunnel; null: the appliance is on this bridge.</param>
internal sealed record InspectionHop(Hop Hop, PortName? Tunnel)
{
    /// <summary>The port by which a frame leaves for the appliance.</summary>
    public PortName Near(bool isReply) => Tunnel ?? End(isReply);

    /// <summary>The port at which it comes back.</summary>
    public PortName Far(bool isReply) => Tunnel ?? End(!isReply);

    /// <summary>The port of the appliance that a frame goes in at.</summary>
    public PortName End(bool isReply) => (isReply ? Hop.Egress : Hop.Ingress).Port;

    /// <summary>Whether both lead through a port of the same appliance's bridge: there, only the port says where a frame comes back from.</summary>
    public bool SharesPort(InspectionHop other) => Tunnel == other.Tunnel && (Hop.Uses(other.Hop.Ingress.Port) || Hop.Uses(other.Hop.Egress.Port));
}
