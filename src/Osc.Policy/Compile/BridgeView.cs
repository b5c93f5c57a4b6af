using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Compile;

/// <summary>What one bridge of a host needs to know: the interfaces plugged into it, and only the networks, vrfs, tenants and policies that concern them.</summary>
internal sealed class BridgeView
{
    private readonly Lazy<IReadOnlyList<SidedRule>> rules;

    private readonly Lazy<IReadOnlyList<(PortName Near, PortName Far)>> appliances;

    private readonly HostDocument host;

    public BridgeView(State state, HostDocument host, Bridge bridge, IReadOnlyList<PlacedInterface> interfaces)
    {
        this.host = host;
        State = state;
        Bridge = bridge;
        Interfaces = interfaces;
        Networks = [.. interfaces.Select(i => i.Network).DistinctBy(n => n.QualifiedName).OrderBy(n => n.QualifiedName)];
        Vrfs = [.. Networks.Select(n => n.Vrf).Distinct().Order()];
        Tenants = [.. interfaces.Select(i => i.Tenant).Distinct().Order()];
        appliances = new(FindAppliances);
        rules = new(() => [.. RulesOf(state, Tenants).SelectMany(rule => RuleSide.All.Where(side => side.IsOf(rule.Rule)).Select(side => new SidedRule(rule, side)))]);
    }

    public State State { get; }

    public Bridge Bridge { get; }

    /// <summary>The interfaces plugged in here, in document order.</summary>
    public IReadOnlyList<PlacedInterface> Interfaces { get; }

    public IReadOnlyList<NetworkDocument> Networks { get; }

    public IReadOnlyList<QualifiedName> Vrfs { get; }

    /// <summary>The tenants that have interfaces here.</summary>
    public IReadOnlyList<Name> Tenants { get; }

    /// <summary>
    /// Enforced rules of those tenants and the system on each of their sides, in the order in which they decide: tier, system
    /// first, order, name, position.
    /// </summary>
    public IReadOnlyList<SidedRule> Rules => rules.Value;

    public static IEnumerable<BridgeView> Of(State state, HostDocument host) =>
        host.Bridges.Select(bridge => new BridgeView(
            state, host, bridge, [.. state.Interfaces.Where(i => i.Interface.Attachment is { } at && at.Host == host.Metadata.Name && (at.Bridge ?? host.Bridges[0].Name) == bridge.Name)]));

    /// <summary>Whether an appliance's port is on this bridge.</summary>
    public bool Has(HopPort port) => port.Host == host.Metadata.Name && (port.Bridge ?? host.Bridges[0].Name) == Bridge.Name;

    /// <summary>How this bridge reaches a hop: it has both ports, or a bridge does that tunnels join with this one, there and back. null: not at all.</summary>
    public InspectionHop? Reach(Hop hop)
    {
        if (Has(hop.Ingress) && Has(hop.Egress))
        {
            return new(hop, null);
        }

        var place = PlaceOf(hop.Ingress.Host, hop.Ingress.Bridge);
        return PlaceOf(hop.Egress.Host, hop.Egress.Bridge) == place && TunnelTo(Bridge, place) is { } tunnel && LeadsBack(place) ? new(hop, tunnel.Port) : null;
    }

    /// <summary>Whether other hosts' bridges are lent appliances of this one.</summary>
    public bool Relays => Bridge.Tunnels.Count > 0 && LentAppliances.Count > 0;

    /// <summary>What a lane's number is kept under that says by which tunnel a frame came.</summary>
    public string LaneKey(Tunnel tunnel) => $"{Bridge.Name} tunnel {tunnel.Port}";

    /// <summary>
    /// The appliances between two ports of this bridge, in port order, each once. Not those that share a port or a key with another: nothing
    /// would tell from which of both a frame comes back.
    /// </summary>
    public IReadOnlyList<(PortName Near, PortName Far)> LentAppliances => appliances.Value;

    private IReadOnlyList<(PortName Near, PortName Far)> FindAppliances()
    {
        var all = State.ReferrersOf(new(default, Kind.Host, host.Metadata.Name)).Where(k => k.Kind == Kind.InspectionChain)
            .SelectMany(k => State.Chain(k.QualifiedName).Hops)
            .Where(h => Has(h.Ingress) && Has(h.Egress))
            .Select(h => h.Ingress.Port.CompareTo(h.Egress.Port) < 0 ? (Near: h.Ingress.Port, Far: h.Egress.Port) : (Near: h.Egress.Port, Far: h.Ingress.Port))
            .Distinct().Order().ToArray();
        return [.. all.Where(a => all.All(b => a == b || (a.Near != b.Near && a.Near != b.Far && a.Far != b.Near && a.Far != b.Far && RelayKey.Of(a.Near, a.Far) != RelayKey.Of(b.Near, b.Far))))];
    }

    private bool LeadsBack((Name Host, PortName? Bridge) place) =>
        State.Host(place.Host)?.Bridges.FirstOrDefault(b => b.Name == place.Bridge) is { } bridge && TunnelTo(bridge, (host.Metadata.Name, Bridge.Name)) is not null;

    private Tunnel? TunnelTo(Bridge from, (Name Host, PortName? Bridge) to) => from.Tunnels.FirstOrDefault(t => PlaceOf(t.Host, t.Bridge) == to);

    private (Name Host, PortName? Bridge) PlaceOf(Name of, PortName? bridge) => (of, bridge ?? State.Host(of)?.Bridges[0].Name);

    private static IEnumerable<PlacedRule> RulesOf(State state, IReadOnlyList<Name> tenants)
    {
        if (tenants.Count == 0)
        {
            return [];
        }

        return tenants.Append(Model.Tenants.System).Distinct()
            .OrderBy(t => t == Model.Tenants.System ? 0 : 1).ThenBy(t => t)
            .SelectMany(state.PoliciesOf)
            .OrderBy(p => p.Tier) // stable: within a tier the system's stay ahead, each tenant's in their own order
            .SelectMany(p => p.Rules.Where(r => r.Mode != RuleMode.Disabled).Select(r => new PlacedRule(p, r)));
    }
}
