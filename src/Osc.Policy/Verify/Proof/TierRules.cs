using Osc.Flows;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>How a flow of a deciding table is found.</summary>
internal enum TierRuleKind
{
    Direct,

    /// <summary>A whole conjunction: every clause has a flow that matches.</summary>
    Conjunction,

    /// <summary>What a conjunction, once whole, is looked up for: a flow that matches conj_id.</summary>
    Target,
}

/// <summary>Connections from some classes to others, to some services. null: every class.</summary>
internal sealed record ClassBox(ulong[]? Sources, ulong[]? Destinations, ServiceSet Services)
{
    public static readonly ClassBox All = new(null, null, ServiceSet.All);

    public bool IsEmpty => Services.IsEmpty || ClassBits.IsEmpty(Sources) || ClassBits.IsEmpty(Destinations);

    public ClassBox And(ClassBox other) =>
        new(ClassBits.And(Sources, other.Sources), ClassBits.And(Destinations, other.Destinations), And(Services, other.Services));

    private static ServiceSet And(ServiceSet left, ServiceSet right) =>
        ReferenceEquals(left, ServiceSet.All) ? right : ReferenceEquals(right, ServiceSet.All) || ReferenceEquals(left, right) ? left : left.Intersect(right);
}

/// <summary>A flow, or a whole conjunction, over classes and services.</summary>
/// <param name="Conjunction">The id of a conjunction; else 0.</param>
internal sealed record TierRule(byte Table, int Priority, TierRuleKind Kind, uint Conjunction, ClassBox Box, Flow Flow)
{
    /// <summary>Whether it is found when a whole conjunction is looked up.</summary>
    public bool Takes(uint conjunction) => Kind != TierRuleKind.Conjunction && (Flow.Match.Find(Field.ConjunctionId) is not { } id || id.Matches(conjunction));
}

/// <summary>The flows of the deciding tables as rules over classes of addresses and sets of services, in the order of lookup.</summary>
internal sealed class TierRules
{
    private const int MaxBoxes = 4096;

    private TierRules(IReadOnlyList<TierRule> rules, int classes)
    {
        Rules = rules;
        (Sources, Destinations) = (Rows(rules, classes, r => r.Box.Sources), Rows(rules, classes, r => r.Box.Destinations));
    }

    /// <summary>By table, priority downwards, direct ones first.</summary>
    public IReadOnlyList<TierRule> Rules { get; }

    /// <summary>For each class a bit for each rule that it may be the source of.</summary>
    public ulong[][] Sources { get; }

    public ulong[][] Destinations { get; }

    /// <summary>null: a flow matches something that its way here does not tell.</summary>
    /// <param name="services">The services in question.</param>
    /// <param name="pairs">The pairs in question, for which alone the rules are told then; null: all.</param>
    public static TierRules? Of(IEnumerable<Flow> flows, TierTerms terms, int classes, ServiceSet services, ClassPairs? pairs) =>
        RulesOf(pairs is null ? flows : Meeting(flows, terms, pairs), terms, services)?.Where(r => pairs is null || pairs.Meet(r.Box.Sources, r.Box.Destinations)) is { } rules ? new([.. rules.OrderBy(r => r.Table).ThenByDescending(r => r.Priority).ThenBy(r => r.Kind == TierRuleKind.Conjunction)], classes) : null;

    /// <summary>The rules that flows are, those of a conjunction all at once; null as above.</summary>
    public static List<TierRule>? RulesOf(IEnumerable<Flow> flows, TierTerms terms, ServiceSet services)
    {
        var rules = new List<TierRule>();
        var clauses = new Dictionary<(byte Table, int Priority, uint Id), List<(Conjunction Clause, ClassBox Box, Flow Flow)>>();
        foreach (var flow in flows)
        {
            if (!terms.TryBox(flow, out var box))
            {
                return null;
            }

            if (box.IsEmpty || !box.Services.Overlaps(services))
            {
                continue;
            }

            var conjunctions = flow.Actions.OfType<Conjunction>().ToArray();
            foreach (var clause in conjunctions)
            {
                var key = (flow.Table, (int)flow.Priority, clause.Id);
                if (!clauses.TryGetValue(key, out var list))
                {
                    clauses.Add(key, list = []);
                }

                list.Add((clause, box, flow));
            }

            if (conjunctions.Length == 0)
            {
                var isTarget = flow.Match.Find(Field.ConjunctionId) is { } id && !id.Matches(0);
                rules.Add(new(flow.Table, flow.Priority, isTarget ? TierRuleKind.Target : TierRuleKind.Direct, 0, box, flow));
            }
        }

        foreach (var (key, flowsOfClauses) in clauses)
        {
            if (BoxesOf(flowsOfClauses) is not { } boxes)
            {
                return null;
            }

            rules.AddRange(boxes.Select(b => new TierRule(key.Table, key.Priority, TierRuleKind.Conjunction, key.Id, b, flowsOfClauses[0].Flow)));
        }

        return rules;
    }

    /// <summary>Flows that can match between some of the pairs. What is plain from a few fields spares a look at the others.</summary>
    private static IEnumerable<Flow> Meeting(IEnumerable<Flow> flows, TierTerms terms, ClassPairs pairs)
    {
        foreach (var flow in flows)
        {
            ulong[]? sources = null, destinations = null;
            var meets = true;
            foreach (var field in flow.Match.Fields)
            {
                if (terms.TermOf(field) is not { } term)
                {
                    break; // what cannot be told may meet
                }

                (sources, destinations) = (ClassBits.And(sources, term.Sources), ClassBits.And(destinations, term.Destinations));
                meets = pairs.Meet(sources, destinations);
                if (!meets)
                {
                    break;
                }
            }

            if (meets)
            {
                yield return flow;
            }
        }
    }

    /// <summary>The connections that every clause has a flow for; null where that is too ragged to say.</summary>
    private static List<ClassBox>? BoxesOf(List<(Conjunction Clause, ClassBox Box, Flow Flow)> flows)
    {
        var count = flows[0].Clause.Clauses;
        if (flows.Any(f => f.Clause.Clauses != count))
        {
            return null;
        }

        var result = new List<ClassBox> { ClassBox.All };
        for (var clause = 1; clause <= count; clause++)
        {
            var alternatives = Merge(flows.Where(f => f.Clause.Clause == clause).Select(f => f.Box));
            result = [.. result.SelectMany(r => alternatives.Select(r.And)).Where(b => !b.IsEmpty)];
            if (result.Count > MaxBoxes)
            {
                return null;
            }
        }

        return result;
    }

    /// <summary>Boxes that differ in one dimension only become one.</summary>
    private static IEnumerable<ClassBox> Merge(IEnumerable<ClassBox> boxes)
    {
        var bySources = boxes.GroupBy(b => (Key(b.Destinations), b.Services))
            .Select(g => g.Aggregate((a, b) => a with { Sources = ClassBits.Or(a.Sources, b.Sources) }));
        var byDestinations = bySources.GroupBy(b => (Key(b.Sources), b.Services))
            .Select(g => g.Aggregate((a, b) => a with { Destinations = ClassBits.Or(a.Destinations, b.Destinations) }));
        return byDestinations.GroupBy(b => (Key(b.Sources), Key(b.Destinations)))
            .Select(g => g.First() with { Services = ServiceSet.UnionOf(g.Select(b => b.Services)) })
            .ToArray();

        static WordKey Key(ulong[]? bits) => new(bits ?? []);
    }

    private static ulong[][] Rows(IReadOnlyList<TierRule> rules, int classes, Func<TierRule, ulong[]?> column)
    {
        var words = (rules.Count + 63) / 64;
        var rows = new ulong[classes][];
        var always = ClassBits.Of(rules.Count, r => column(rules[r]) is null);
        for (var i = 0; i < classes; i++)
        {
            rows[i] = (ulong[])always.Clone();
        }

        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (column(rules[rule]) is { } members)
            {
                foreach (var member in ClassBits.Members(members))
                {
                    ClassBits.Set(rows[member], rule);
                }
            }
        }

        return rows;
    }
}
