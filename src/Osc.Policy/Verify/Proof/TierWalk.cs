using Osc.Flows;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>How the deciding tables end for some connections.</summary>
/// <param name="Table">Where they go on; null: they are dropped.</param>
/// <param name="Written">Registers that were written on the way, with their values, in order; those set to 0, which they were, left out.</param>
/// <param name="Oddity">Something that decides nothing and is done all the same, or that two flows of one priority match.</param>
internal sealed record TierOutcome(byte? Table, ValueList<(int Register, uint Value)> Written, string Oddity = "")
{
    public static readonly TierOutcome Dropped = new(null, ValueList<(int, uint)>.Empty);

    public TierOutcome With(int register, uint value) => this with
    {
        Written = [.. Written.Where(w => w.Register != register).Concat(value == 0 ? [] : [(register, value)]).OrderBy(w => w.Register)],
    };
}

/// <summary>Services and their outcome.</summary>
internal readonly record struct TierPart(ServiceSet Services, TierOutcome Outcome);

/// <summary>Follows the rules that can match between two classes from table to table, all services at once.</summary>
internal sealed class TierWalk
{
    private readonly IReadOnlyList<TierRule> rules;
    private readonly Func<byte, bool> inside;
    private readonly SortedDictionary<byte, List<TierPart>> waiting = [];
    private readonly List<TierPart> parts = [];

    private TierWalk(IReadOnlyList<TierRule> rules, Func<byte, bool> inside)
    {
        this.rules = rules;
        this.inside = inside;
    }

    /// <param name="rules">Those that match as far as classes tell, in the order of lookup.</param>
    /// <param name="inside">Tables that are part of the walk.</param>
    /// <returns>Every service in exactly one part; parts of one outcome put together.</returns>
    public static IReadOnlyList<TierPart> Run(byte start, IReadOnlyList<TierRule> rules, ServiceSet services, Func<byte, bool> inside)
    {
        var walk = new TierWalk(rules, inside);
        walk.waiting.Add(start, [new(services, TierOutcome.Dropped with { Table = start })]);
        while (walk.waiting.Count > 0)
        {
            var (table, arrived) = walk.waiting.First();
            walk.waiting.Remove(table);
            foreach (var part in arrived)
            {
                walk.Enter(table, part);
            }
        }

        return [.. walk.parts.GroupBy(p => p.Outcome).Select(g => new TierPart(ServiceSet.UnionOf(g.Select(p => p.Services)), g.Key))];
    }

    private void Enter(byte table, TierPart part)
    {
        var here = rules.Where(r => r.Table == table).ToArray();
        var left = part.Services;
        for (var i = 0; i < here.Length && !left.IsEmpty; i++)
        {
            var hit = here[i].Kind == TierRuleKind.Target ? ServiceSet.Empty : left.Intersect(here[i].Box.Services);
            if (hit.IsEmpty)
            {
                continue;
            }

            var decided = Lookup(here, here[i], hit);
            var unsure = ServiceSet.UnionOf(decided.SelectMany(d => Rivals(here, i, d)));
            foreach (var (services, flow) in decided)
            {
                Execute(flow, new(services.Subtract(unsure), part.Outcome));
                left = left.Subtract(services);
            }

            if (!unsure.IsEmpty)
            {
                parts.Add(new(unsure, TierOutcome.Dropped with { Oddity = $"two flows of table {table} and priority {here[i].Priority} match" }));
            }
        }

        if (!left.IsEmpty)
        {
            parts.Add(new(left, TierOutcome.Dropped));
        }
    }

    /// <summary>A direct flow is found itself. A whole conjunction is looked up once more, with its id, among direct flows.</summary>
    private static List<(ServiceSet Services, Flow Flow)> Lookup(TierRule[] here, TierRule rule, ServiceSet hit)
    {
        if (rule.Kind == TierRuleKind.Direct)
        {
            return [(hit, rule.Flow)];
        }

        var found = new List<(ServiceSet, Flow)>();
        foreach (var target in here.Where(r => r.Takes(rule.Conjunction)))
        {
            var taken = hit.Intersect(target.Box.Services);
            if (!taken.IsEmpty)
            {
                found.Add((taken, target.Flow));
                hit = hit.Subtract(taken);
            }
        }

        return found;
    }

    /// <summary>The services for which another flow, or conjunction, of the same priority would do something else.</summary>
    private static IEnumerable<ServiceSet> Rivals(TierRule[] here, int at, (ServiceSet Services, Flow Flow) decided)
    {
        for (var i = at + 1; i < here.Length && here[i].Priority == here[at].Priority; i++)
        {
            if (here[i].Kind != here[at].Kind || (here[i].Kind == TierRuleKind.Conjunction && here[i].Conjunction == here[at].Conjunction))
            {
                continue;
            }

            var both = decided.Services.Intersect(here[i].Box.Services);
            foreach (var (services, flow) in both.IsEmpty ? [] : Lookup(here, here[i], both))
            {
                if (!flow.Actions.Equals(decided.Flow.Actions))
                {
                    yield return services;
                }
            }
        }
    }

    private void Execute(Flow flow, TierPart part)
    {
        var outcome = part.Outcome with { Table = null };
        foreach (var action in flow.Actions)
        {
            switch (action)
            {
                case SetField set when RegisterNumber.Of(set.Field) is { } register && set.Mask == set.Field.FullMask:
                    outcome = outcome.With(register, (uint)set.Value);
                    break;
                case GotoTable next:
                    outcome = outcome with { Table = next.Table };
                    break;
                case LogPacket:
                    break; // to the agent, and no further
                default:
                    outcome = outcome with { Oddity = $"{outcome.Oddity} {action}" };
                    break;
            }
        }

        if (part.Services.IsEmpty)
        {
            return;
        }

        if (outcome.Table is { } table && inside(table))
        {
            if (!waiting.TryGetValue(table, out var list))
            {
                waiting.Add(table, list = []);
            }

            list.Add(new(part.Services, outcome));
        }
        else
        {
            parts.Add(new(part.Services, outcome));
        }
    }
}
