using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Compile;

/// <summary>What one bridge of a host needs to know: the interfaces plugged into it, and only the networks, vrfs, tenants and policies that concern them.</summary>
internal sealed class BridgeView
{
    private readonly Lazy<IReadOnlyList<SidedRule>> rules;

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
