using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>One side that rules are compiled for.</summary>
internal sealed record RuleSide(Direction Direction, IReadOnlyList<PipelineTable> Tiers, Field Owner, Field RuleRegister, PipelineTable Allowed, PipelineTable Defaults)
{
    public static readonly RuleSide Out =
        new(Direction.Out, PipelineTable.Out, Registers.SourceOwner, Registers.OutRule, PipelineTable.In[0], PipelineTable.OutDefault);

    public static readonly RuleSide In =
        new(Direction.In, PipelineTable.In, Registers.DestinationOwner, Registers.InRule, PipelineTable.Commit, PipelineTable.InDefault);

    public static readonly IReadOnlyList<RuleSide> All = [Out, In];

    public bool IsOf(Rule rule) => rule.Direction == Direction.Both || rule.Direction == Direction;

    public PipelineTable TableOf(Tier tier) => Tiers[(int)tier];

    public PipelineTable After(Tier tier) => (int)tier + 1 < Tiers.Count ? Tiers[(int)tier + 1] : Defaults;
}

/// <summary>
/// The tables of the tiers: a rule over classes, ranges and service keys as the sum of its dimensions and one, a conjunction,
/// or as their product, where that is no more.
/// </summary>
internal static class RuleFlows
{
    /// <param name="rule">The rule and its side.</param>
    /// <param name="terms">What it is over.</param>
    /// <param name="number">Its number: in the cookie, in ct_label, and of the conjunction.</param>
    /// <param name="priority">Its priority in its table.</param>
    /// <param name="tenant">The number of its tenant on this host; not asked for the system's.</param>
    /// <param name="chain">The number of the chain that it inspects by; 0: none.</param>
    public static IReadOnlyList<Flow> Of(SidedRule rule, RuleTerms terms, uint number, ushort priority, uint tenant, uint chain)
    {
        var (placed, side) = rule;
        var dimensions = terms.Alternatives(side);
        if (dimensions.Any(d => d.Count == 0))
        {
            return [];
        }

        var table = side.TableOf(placed.Policy.Tier).Id;
        var cookie = new FlowCookie(placed.Rule.Log ? FlowPurpose.LoggedRule : FlowPurpose.Rule, number).Value;
        var decide = ValueList.Create<FlowAction>(Decide(placed, side, number, chain));
        var owner = placed.Tenant == Tenants.System ? Match.Any : Match.Any.With(side.Owner, tenant);
        owner = placed.Rule.Mode == RuleMode.Observe ? owner.With(Registers.Flags, 0, Registers.Observed(table)) : owner;
        var product = dimensions.Aggregate(1L, (n, d) => n * d.Count);
        var sum = dimensions.Sum(d => d.Count) + 1;
        if (product <= sum)
        {
            var matches = dimensions.Aggregate(new[] { owner }.AsEnumerable(), (all, dimension) => all.SelectMany(m => dimension.Select(a => And(m, a))));
            return [.. matches.Select(m => new Flow(table, priority, m, decide, cookie))];
        }

        var clauseCookie = new FlowCookie(FlowPurpose.RuleClause, number).Value;
        var flows = new List<Flow>((int)sum);
        for (var clause = 0; clause < dimensions.Count; clause++)
        {
            var conjunction = ValueList.Create<FlowAction>([new Conjunction(number, (byte)(clause + 1), (byte)dimensions.Count)]);
            flows.AddRange(dimensions[clause].Select(a => new Flow(table, priority, And(owner, a), conjunction, clauseCookie)));
        }

        flows.Add(new(table, priority, owner.With(Field.ConjunctionId, number), decide, cookie));
        return flows;
    }

    /// <summary>Whether a flow of a tier only counts what its rule would decide.</summary>
    public static bool Observes(Flow flow) =>
        flow.Match.Find(Registers.Flags) is { Value: var value, Mask: var mask }
        && PipelineTable.Out.Concat(PipelineTable.In).Any(t => t.Id == flow.Table && (mask & Registers.Observed(t.Id)) != 0 && (value & Registers.Observed(t.Id)) == 0);

    private static Match And(Match match, FieldMatch[] alternative) => alternative.Aggregate(match, (m, f) => m.With(f.Field, f.Value, f.Mask));

    private static FlowAction[] Decide(PlacedRule rule, RuleSide side, uint number, uint chain) =>
        [.. rule.Rule.Log ? [new LogPacket(PacketLog.MeterOf(number))] : ReadOnlySpan<FlowAction>.Empty, .. rule.Rule.Mode == RuleMode.Observe ? Observe(side.TableOf(rule.Policy.Tier)) : Verdict(rule, side, number, chain)];

    /// <summary>Counted, the packet comes to the same table once more, where rules that observe do not match it any longer.</summary>
    private static FlowAction[] Observe(PipelineTable table)
    {
        var observed = Registers.Observed(table.Id);
        return [new SetField(Registers.Flags, observed, observed), new Resubmit(table.Id)];
    }

    /// <summary>What the side's rule register and the label say of a rule that allowed.</summary>
    private static uint DecidedBy(PlacedRule rule, uint number) => rule.Rule.OnRevoke == OnRevoke.Keep ? number | Registers.KeepingRule : number;

    private static FlowAction[] Verdict(PlacedRule rule, RuleSide side, uint number, uint chain) => rule.Rule.Action switch
    {
        RuleAction.Allow => [Set(side.RuleRegister, DecidedBy(rule, number)), To(side.Allowed)],
        RuleAction.Inspect when chain > Registers.MaxChain => [], // there is no room for the chain: closed
        RuleAction.Inspect => [Set(side.RuleRegister, number | (chain << Registers.OutChain.Offset)), To(side.Allowed)],
        RuleAction.Drop => [],
        RuleAction.Reject => [Set(side.RuleRegister, number), To(PipelineTable.Reject)],
        RuleAction.Pass => [To(side.After(rule.Policy.Tier))],
        _ => throw new InvalidOperationException($"{rule.Key}: {rule.Rule.Action} has no flows"),
    };
}
