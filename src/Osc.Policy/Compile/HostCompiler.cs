using System.Collections.Frozen;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Policy.Classes;

namespace Osc.Policy.Compile;

/// <summary>A host's flows and the numbers that they carry.</summary>
public sealed record CompiledHost(HostFlows Flows, HostNumbering Numbering);

/// <summary>
/// The whole compiler: a state and a host to the host's flows. Short and meant to be obviously right; what is faster is held
/// against it. Deterministic: the same state and numbering give the same flows, to the byte.
/// </summary>
public static class HostCompiler
{
    /// <summary>Tables whose flows decide about connections: a change in one of them may take a permission away.</summary>
    private static readonly FrozenSet<byte> DecidingTables = PipelineTable.Out.Concat(PipelineTable.In)
        .Append(PipelineTable.OutDefault).Append(PipelineTable.InDefault).Append(PipelineTable.Identify).Select(t => t.Id).ToFrozenSet();

    /// <summary>
    /// The flows of a host whose flows before are known. Connections decided under the old flows are decided anew, by a raised
    /// epoch, wherever the new ones could decide otherwise: whenever a deciding flow is added, changed or removed.
    /// </summary>
    public static CompiledHost Update(State state, Name host, CompiledHost before)
    {
        var after = Compile(state, host, before.Numbering);
        return DecidesAlike(before.Flows, after.Flows)
            ? after
            : Compile(state, host, after.Numbering with { Epoch = before.Numbering.Epoch.Next() });
    }

    /// <summary>The flows of a host under a numbering, whose epoch stays. A host that the state does not know has no bridges and no flows.</summary>
    public static CompiledHost Compile(State state, Name host, HostNumbering numbering)
    {
        var bridges = state.Host(host) is { } document ? BridgeView.Of(state, document).Select(Prepare).ToArray() : [];
        var renumbered = Renumber(bridges, numbering);
        var flows = bridges.Select(b => new BridgeFlows(b.View.Bridge.Name, Build(b, new(b.View.Bridge.Name, renumbered))));
        return new(new(host, state.Revision, flows.ToValueList()), renumbered);
    }

    /// <summary>Whether no flow that decides is another.</summary>
    internal static bool DecidesAlike(HostFlows before, HostFlows after) =>
        FlowDelta.Between(before, after).Bridges.All(b => Deciding(b.Remove).SetEquals(Deciding(b.Add)));

    /// <summary>Flows that decide, without what they tell of it.</summary>
    private static HashSet<(FlowKey, ValueList<FlowAction>)> Deciding(ValueList<Flow> flows) =>
        [.. flows.Where(f => DecidingTables.Contains(f.Table) && !RuleFlows.Observes(f)).Select(f => (f.Key, f.Actions.Where(a => a is not LogPacket).ToValueList()))];

    internal static PreparedBridge Prepare(BridgeView view)
    {
        var (prefixes, rules) = AddressClasses.Of(view);
        var classes = prefixes.Select(p => p.Class).Distinct().Where(c => c.Key.Length > 0).OrderBy(c => c.Key, StringComparer.Ordinal).ToArray();
        var here = view.Interfaces.ToHashSet();
        var local = prefixes.Where(p => p.Owner is not null && here.Contains(p.Owner)).Select(p => (p.Owner!.Tenant, p.Class)).Distinct().OrderBy(p => p.Class.Key, StringComparer.Ordinal).ToArray();
        return new(view, prefixes, [.. rules.Select(r => (r, RuleDimensions.Of(view.State, r, classes, [.. local.Where(l => r.Rule.IsFor(l.Tenant)).Select(l => l.Class).Distinct()])))]);
    }

    /// <summary>Numbers for just what the flows will name.</summary>
    private static HostNumbering Renumber(IReadOnlyList<PreparedBridge> bridges, HostNumbering old) => old with
    {
        Classes = old.Classes.For(bridges.SelectMany(b => b.Prefixes).Select(p => p.Class.Key).Where(k => k.Length > 0)),
        Rules = old.Rules.For(bridges.SelectMany(b => b.Rules).Select(r => r.Rule.Rule.Key.ToString())),
        Tenants = old.Tenants.For(bridges.SelectMany(b => b.View.Tenants).Select(t => t.Value)),
        Networks = old.Networks.For(bridges.SelectMany(b => b.View.Networks).Select(n => n.QualifiedName.ToString())),
        Zones = old.Zones.For(bridges.SelectMany(b => b.View.Vrfs.Select(v => BridgeNumbers.ZoneKey(b.View.Bridge.Name, v))), ushort.MaxValue),
        Chains = old.Chains.For(bridges.SelectMany(b => b.Chains.All).Select(c => c.ToString())),
        Lanes = old.Lanes.For(bridges.SelectMany(b => b.Chains.LaneKeys(b.View))),
        Priorities = Numbers.Of(bridges
            .SelectMany(b => b.Rules.GroupBy(r => r.Rule.Table, (table, rules) => rules.Select(r => BridgeNumbers.PriorityKey(b.View.Bridge.Name, table, r.Rule.Rule.Key))))
            .SelectMany(keys => PriorityList.Assign([.. keys], old.Priorities).ByName)),
    };

    private static FlowSet Build(PreparedBridge bridge, BridgeNumbers numbers)
    {
        var flows = new FlowBuilder();
        AddJoints(bridge.View, bridge.Chains, numbers, flows);
        flows.Add(EpochFlows.Of(numbers.Epoch));
        foreach (var placed in bridge.View.Interfaces)
        {
            new InterfaceFlows(numbers, flows).Add(placed);
        }

        new IdentityFlows(bridge.View, numbers, flows).Add(bridge.Prefixes);
        foreach (var (rule, dimensions) in bridge.Rules)
        {
            var tenant = rule.Rule.Tenant == Tenants.System ? 0 : numbers.OfTenant(rule.Rule.Tenant);
            flows.Add(RuleFlows.Of(rule, dimensions.Terms(numbers), numbers.Of(rule.Rule.Key), numbers.PriorityOf(rule.Table, rule.Rule.Key), tenant, InspectedChains.ChainOf(rule) is { } chain ? numbers.OfChain(chain) : 0));
        }

        return flows.Build();
    }

    /// <summary>The flows that are neither an interface's nor an address's nor a rule's, and do not carry the epoch.</summary>
    internal static void AddJoints(BridgeView view, InspectedChains chains, IFlowNumbers numbers, FlowBuilder flows)
    {
        new UplinkFlows(view, numbers, flows).Add();
        InterfaceFlows.AddGuard(flows);
        new DispatchFlows(view, numbers, flows).Add();
        new ConnectionFlows(view, numbers, flows).Add();
        new ErrorFlows(flows).Add();
        new DeliveryFlows(view, numbers, flows).Add();
        new InspectionFlows(view, chains, numbers, flows).Add();
        new RelayFlows(view, numbers, flows).Add();
    }

    /// <summary>A bridge's addresses and rules before they have numbers.</summary>
    internal sealed record PreparedBridge(BridgeView View, IReadOnlyList<ClassifiedPrefix> Prefixes, IReadOnlyList<(SidedRule Rule, RuleDimensions Dimensions)> Rules)
    {
        public InspectedChains Chains { get; } = InspectedChains.Of(Rules.Select(r => r.Rule));
    }
}
