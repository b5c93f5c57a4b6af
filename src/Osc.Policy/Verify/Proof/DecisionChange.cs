using Osc.Flows;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Flows of the deciding tables that changed, with all of the conjunctions that any of them takes part in.</summary>
internal sealed record TierChange(IReadOnlyList<Flow> Before, IReadOnlyList<Flow> After)
{
    /// <param name="before">All flows of the deciding tables before.</param>
    /// <param name="after">All of them then.</param>
    public static TierChange Of(IReadOnlyList<Flow> before, IReadOnlyList<Flow> after, IReadOnlyList<Flow> removed, IReadOnlyList<Flow> added)
    {
        var touched = removed.Concat(added).SelectMany(f => f.Actions.OfType<Conjunction>().Select(c => (f.Table, (int)f.Priority, c.Id))).ToHashSet();
        var targets = removed.Concat(added).Where(IsTarget).ToArray();
        return new(Affected(before, removed), Affected(after, added));

        Flow[] Affected(IReadOnlyList<Flow> all, IReadOnlyList<Flow> changed) =>
        [
            .. changed.Where(f => !IsTarget(f) && !f.Actions.Any(a => a is Conjunction)),
            .. touched.Count == 0 && targets.Length == 0 ? [] : all.Where(f => f.Actions.Any(a => a is Conjunction clause && IsTouched(f, clause))),
        ];

        bool IsTouched(Flow flow, Conjunction clause) => touched.Contains((flow.Table, flow.Priority, clause.Id))
            || Array.Exists(targets, t => t.Table == flow.Table && t.Match.Find(Field.ConjunctionId) is { } id && id.Matches(clause.Id));
    }

    /// <summary>A flow that is found by whole conjunctions only: it counts for no other connections than they do.</summary>
    private static bool IsTarget(Flow flow) => flow.Match.Find(Field.ConjunctionId) is { } id && !id.Matches(0);
}

/// <summary>What changed of a decision that was proven: in flows, in lookups and in documents. Outside of it all is as it was, and so is the proof.</summary>
/// <param name="Relooked">The addresses of lookups that came or went.</param>
/// <param name="Meant">The regions of the vrf in which documents may mean something else.</param>
internal sealed record DecisionChange(TierChange Tiers, AddressSet Relooked, IReadOnlyList<Region> Meant)
{
    /// <summary>The pairs of classes that it may concern; null: it cannot be told.</summary>
    public ClassPairs? PairsIn(TierTerms terms, AddressPartition partition, ServiceSet services)
    {
        var pairs = new ClassPairs(partition.Classes.Count);
        if (!Relooked.IsEmpty)
        {
            var relooked = partition.Touching(Relooked);
            pairs.Add(relooked, null);
            pairs.Add(null, relooked);
        }

        // Documents say something here of connections that have a side here.
        var local = ClassBits.Of(partition.Classes.Count, c => partition.Classes[c].Local >= 0);
        foreach (var region in Meant)
        {
            var (sources, destinations) = (partition.Touching(region.Sources), partition.Touching(region.Destinations));
            pairs.Add(ClassBits.And(sources, local), destinations);
            pairs.Add(sources, ClassBits.And(destinations, local));
        }

        foreach (var flows in new[] { Tiers.Before, Tiers.After })
        {
            if (TierRules.RulesOf(flows, terms, services) is not { } rules)
            {
                return null;
            }

            foreach (var rule in rules)
            {
                pairs.Add(rule.Box.Sources, rule.Box.Destinations);
            }
        }

        return pairs;
    }
}
