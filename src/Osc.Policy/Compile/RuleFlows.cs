using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Classes;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>One side that rules are compiled for.</summary>
internal sealed record RuleSide(Direction Direction, IReadOnlyList<PipelineTable> Tiers, Field Owner, Field RuleRegister, PipelineTable Allowed, PipelineTable Defaults)
{
    public static readonly RuleSide Out =
        new(Direction.Out, PipelineTable.Out, Registers.SourceOwner, Registers.OutRule, PipelineTable.In[0], PipelineTable.OutDefault);

    public static readonly RuleSide In =
        new(Direction.In, PipelineTable.In, Registers.DestinationOwner, Registers.InRule, PipelineTable.Commit, PipelineTable.InDefault);

    public PipelineTable TableOf(Tier tier) => Tiers[(int)tier];

    public PipelineTable After(Tier tier) => (int)tier + 1 < Tiers.Count ? Tiers[(int)tier + 1] : Defaults;
}

/// <summary>The tables of the tiers: rules over classes and service keys.</summary>
internal sealed class RuleFlows(BridgeView view, IReadOnlyList<ClassifiedPrefix> prefixes)
{
    /// <summary>
    /// The rules that can hold for a connection of this bridge, with the classes that their flows will name. Class numbers
    /// are not needed to know that; they are given out afterwards.
    /// </summary>
    public IEnumerable<(PlacedRule Rule, RuleSide Side, RuleDimensions Dimensions)> Holding()
    {
        var classes = prefixes.Select(p => p.Class).Distinct().Where(c => c.Key.Length > 0).OrderBy(c => c.Key, StringComparer.Ordinal).ToArray();
        var local = view.Interfaces.ToHashSet();
        var localClasses = prefixes.Where(p => p.Owner is not null && local.Contains(p.Owner)).ToLookup(p => p.Owner!.Tenant, p => p.Class); // filtered above
        foreach (var rule in view.Rules)
        {
            foreach (var side in new[] { RuleSide.Out, RuleSide.In })
            {
                if (rule.Rule.Direction != Direction.Both && rule.Rule.Direction != side.Direction)
                {
                    continue;
                }

                var here = rule.Tenant == Tenants.System ? localClasses.SelectMany(c => c) : localClasses[rule.Tenant];
                var dimensions = RuleDimensions.Of(view.State, rule, side, classes, [.. here.Distinct().OrderBy(c => c.Key, StringComparer.Ordinal)]);
                if (dimensions.CanHold)
                {
                    yield return (rule, side, dimensions);
                }
            }
        }
    }

    public static void Add(PlacedRule rule, RuleSide side, RuleDimensions dimensions, BridgeNumbers numbers, FlowBuilder flows)
    {
        var table = side.TableOf(rule.Policy.Tier);
        var priority = numbers.PriorityOf(table, rule.Key);
        var number = numbers.Of(rule.Key);
        var cookie = new FlowCookie(FlowPurpose.Rule, number);
        var decide = Decide(rule, side, number);
        var tenant = rule.Tenant == Tenants.System ? Match.Any : Match.Any.With(side.Owner, numbers.OfTenant(rule.Tenant));
        var matches = dimensions.Matches(numbers);
        var product = matches.Aggregate(1L, (n, d) => n * d.Count);
        var sum = matches.Sum(d => d.Count) + 1;
        if (product <= sum)
        {
            foreach (var match in matches.Aggregate(new[] { tenant }.AsEnumerable(), (all, dimension) => all.SelectMany(m => dimension.Select(d => m.With(d.Field, d.Value, d.Mask)))))
            {
                flows.Add(table, priority, match, cookie, decide);
            }

            return;
        }

        foreach (var (clause, dimension) in matches.Index())
        {
            foreach (var alternative in dimension)
            {
                flows.Add(
                    table,
                    priority,
                    tenant.With(alternative.Field, alternative.Value, alternative.Mask),
                    cookie,
                    new Conjunction(number, (byte)(clause + 1), (byte)matches.Count));
            }
        }

        flows.Add(table, priority, tenant.With(Field.ConjunctionId, number), cookie, decide);
    }

    private static FlowAction[] Decide(PlacedRule rule, RuleSide side, uint number) => rule.Rule.Action switch
    {
        RuleAction.Allow => [Set(side.RuleRegister, number), To(side.Allowed)],
        RuleAction.Drop => [],
        RuleAction.Reject => [Set(side.RuleRegister, number), To(PipelineTable.Reject)],
        RuleAction.Pass => [To(side.After(rule.Policy.Tier))],
        _ => throw new InvalidOperationException($"{rule.Key}: {rule.Rule.Action} has no flows"),
    };
}
