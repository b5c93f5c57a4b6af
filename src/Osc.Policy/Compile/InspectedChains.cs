using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Compile;

/// <summary>The chains that rules of a bridge inspect by, for each side.</summary>
/// <param name="Out">In name order, each once.</param>
/// <param name="In">Likewise.</param>
internal sealed record InspectedChains(ValueList<QualifiedName> Out, ValueList<QualifiedName> In)
{
    public static readonly InspectedChains None = new([], []);

    public static InspectedChains Of(IEnumerable<SidedRule> rules) =>
        Of(rules.Where(r => ChainOf(r) is not null).Select(r => (r.Side.Direction, ChainOf(r)!.Value))); // filtered

    public static InspectedChains Of(IEnumerable<(Direction Side, QualifiedName Chain)> inspecting)
    {
        var chains = inspecting.ToLookup(i => i.Side, i => i.Chain);
        return new(Sorted(chains[Direction.Out]), Sorted(chains[Direction.In]));
    }

    /// <summary>The chain that a rule inspects by; null where it decides otherwise, or not.</summary>
    public static QualifiedName? ChainOf(SidedRule rule) => rule.Rule.Rule is { Action: RuleAction.Inspect, Mode: RuleMode.Enforce, Chain: var chain } ? chain : null;

    public IEnumerable<QualifiedName> All => Out.Concat(In).Distinct();

    /// <summary>Every way through appliances that connections may take here.</summary>
    public IEnumerable<InspectedWay> Ways(BridgeView view) =>
        from outChain in Out.Select(c => (QualifiedName?)c).Append(null)
        from inChain in In.Select(c => (QualifiedName?)c).Append(null)
        where outChain is not null || inChain is not null
        select InspectedWay.Of(view, outChain, inChain);

    /// <summary>What needs a number for frames to be known by.</summary>
    public IEnumerable<string> LaneKeys(BridgeView view) =>
        Ways(view).Where(w => w.Hops?.Count > 0).SelectMany(w => view.Networks.Select(n => w.LaneKey(view.Bridge.Name, n.QualifiedName))).Distinct()
            .Concat(view.Relays ? view.Bridge.Tunnels.Select(view.LaneKey) : []);

    private static ValueList<QualifiedName> Sorted(IEnumerable<QualifiedName> names) => names.Distinct().Order().ToValueList();
}

/// <summary>A way through appliances: those of the out side's chain, then those of the in side's, each appliance once.</summary>
/// <param name="OutChain">null: the out side does not inspect.</param>
/// <param name="InChain">Likewise.</param>
/// <param name="Hops">In the order of a connection's first packet, as far as this bridge reaches them; null: one it does not that must not be passed by.</param>
internal sealed record InspectedWay(QualifiedName? OutChain, QualifiedName? InChain, IReadOnlyList<InspectionHop>? Hops)
{
    /// <summary>The chains in order, each once.</summary>
    public IEnumerable<QualifiedName> Chains => new[] { OutChain, InChain }.OfType<QualifiedName>().Distinct();

    public string Name => string.Join('+', Chains);

    /// <summary>What a lane's number is kept under.</summary>
    public string LaneKey(PortName bridge, QualifiedName network) => $"{bridge} {Name} {network}";

    public static InspectedWay Of(BridgeView view, QualifiedName? outChain, QualifiedName? inChain)
    {
        var hops = new List<InspectionHop>();
        foreach (var hop in new[] { outChain, inChain }.OfType<QualifiedName>().Distinct().SelectMany(c => view.State.Chain(c).Hops))
        {
            if (view.Reach(hop) is { } reached)
            {
                // Where a frame comes back from is told by port, so no way leads through a port twice.
                if (!hops.Any(reached.SharesPort))
                {
                    hops.Add(reached);
                }
            }
            else if (hop.OnFailure == OnFailure.Closed)
            {
                return new(outChain, inChain, null);
            }
        }

        return new(outChain, inChain, hops);
    }
}
