using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;

namespace Osc.Scenarios;

/// <summary>An appliance that a packet went through.</summary>
/// <param name="IsBackwards">It came in at the egress.</param>
public readonly record struct Visit(Name Host, PortName Bridge, PortName Ingress, PortName Egress, bool IsBackwards)
{
    public override string ToString() => $"{Host} {Bridge}:{(IsBackwards ? Egress : Ingress)}";
}

/// <summary>The appliances of all chains, each a wire between its ports, and what documents say of who goes through which.</summary>
public static class Appliances
{
    /// <summary>Where what is sent into a port comes back; null where no appliance is.</summary>
    public static (PortName Far, Visit Visit)? Behind(State state, Name host, PortName bridge, PortName port)
    {
        foreach (var hop in HopsOf(state))
        {
            if (IsOn(state, hop, host, bridge) && hop.Uses(port))
            {
                var isBackwards = hop.Egress.Port == port;
                return (isBackwards ? hop.Ingress.Port : hop.Egress.Port, new(host, bridge, hop.Ingress.Port, hop.Egress.Port, isBackwards));
            }
        }

        return null;
    }

    /// <summary>What a connection's first packet shall go through at one bridge; null: nothing lets it pass.</summary>
    /// <param name="sides">The decisions that this bridge takes, in order.</param>
    public static IReadOnlyList<Visit>? Expected(State state, Name host, PortName bridge, IEnumerable<SideDecision> sides)
    {
        var visits = new List<Visit>();
        foreach (var hop in sides.Select(s => s.Chain).OfType<QualifiedName>().Distinct().SelectMany(c => state.Documents.Find<InspectionChainDocument>(Kind.InspectionChain, c)!.Hops)) // validated
        {
            var (at, endsAt) = (PlaceOf(state, hop.Ingress), PlaceOf(state, hop.Egress));
            var isThere = at == endsAt && (at == (host, bridge) || (PortTo(state, (host, bridge), at) is not null && PortTo(state, at, (host, bridge)) is not null));
            if (!isThere)
            {
                if (hop.OnFailure == OnFailure.Closed)
                {
                    return null;
                }
            }
            else if (!visits.Any(v => (v.Host, v.Bridge) == at && (hop.Uses(v.Ingress) || hop.Uses(v.Egress))))
            {
                visits.Add(new(at.Host, at.Bridge, hop.Ingress.Port, hop.Egress.Port, false));
            }
        }

        return visits;
    }

    /// <summary>Where a frame that is sent into a bridge's tunnel comes out: at the tunnel that leads back; null: no tunnel has this port, or none leads back.</summary>
    public static ((Name Host, PortName Bridge) Place, PortName Port)? BeyondTunnel(State state, Name host, PortName bridge, PortName port)
    {
        if (TunnelsOf(state, (host, bridge)).FirstOrDefault(t => t.Port == port) is not { } tunnel)
        {
            return null;
        }

        var place = PlaceOf(state, tunnel.Host, tunnel.Bridge);
        return PortTo(state, place, (host, bridge)) is { } back ? (place, back) : null;
    }

    private static PortName? PortTo(State state, (Name Host, PortName Bridge) from, (Name Host, PortName Bridge) to) =>
        TunnelsOf(state, from).FirstOrDefault(t => PlaceOf(state, t.Host, t.Bridge) == to)?.Port;

    private static IEnumerable<Tunnel> TunnelsOf(State state, (Name Host, PortName Bridge) place) => state.Host(place.Host)!.Bridges.Single(b => b.Name == place.Bridge).Tunnels; // places are of hosts that exist

    private static (Name Host, PortName Bridge) PlaceOf(State state, HopPort port) => PlaceOf(state, port.Host, port.Bridge);

    private static (Name Host, PortName Bridge) PlaceOf(State state, Name host, PortName? bridge) => (host, bridge ?? state.Host(host)!.Bridges[0].Name); // likewise

    private static IEnumerable<Hop> HopsOf(State state) => state.Documents.OfType<InspectionChainDocument>().SelectMany(c => c.Hops);

    private static bool IsOn(State state, Hop hop, Name host, PortName bridge) => PlaceOf(state, hop.Ingress) == (host, bridge) && PlaceOf(state, hop.Egress) == (host, bridge);
}
