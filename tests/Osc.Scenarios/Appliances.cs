using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;

namespace Osc.Scenarios;

/// <summary>An appliance that a packet went through.</summary>
/// <param name="IsBackwards">It came in at the egress.</param>
public readonly record struct Visit(Name Host, PortName Ingress, PortName Egress, bool IsBackwards)
{
    public override string ToString() => $"{Host}:{(IsBackwards ? Egress : Ingress)}";
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
                return (isBackwards ? hop.Ingress.Port : hop.Egress.Port, new(host, hop.Ingress.Port, hop.Egress.Port, isBackwards));
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
            var isHere = IsOn(state, hop, host, bridge);
            if (!isHere && hop.OnFailure == OnFailure.Closed)
            {
                return null;
            }

            if (isHere && !visits.Any(v => hop.Uses(v.Ingress) || hop.Uses(v.Egress)))
            {
                visits.Add(new(host, hop.Ingress.Port, hop.Egress.Port, false));
            }
        }

        return visits;
    }

    private static IEnumerable<Hop> HopsOf(State state) => state.Documents.OfType<InspectionChainDocument>().SelectMany(c => c.Hops);

    private static bool IsOn(State state, Hop hop, Name host, PortName bridge) =>
        hop.Ingress.Host == host && state.Host(host) is { } document && (hop.Ingress.Bridge ?? document.Bridges[0].Name) == bridge;
}
