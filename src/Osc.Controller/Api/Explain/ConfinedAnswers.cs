using Osc.Controller.Api.Security;
using Osc.Policy.Explain;
using Osc.Policy.Planning;
using Osc.Policy.Reach;

namespace Osc.Controller.Api.Explain;

/// <summary>Answers about connections, as far as their reader may read what they follow from.</summary>
public static class ConfinedAnswers
{
    /// <summary>Whether a question may be asked: the tenants that it names have to be shown. A vrf may be another tenant's, if one end says by itself that it is in it.</summary>
    public static bool MayAsk(this Confinement confinement, ExplainQuestion question) =>
        MayName(confinement, question.From) && MayName(confinement, question.To)
        && ((question.From is { } from && !IsAddress(from)) || (question.To is { } to && !IsAddress(to)) || MayName(confinement, question.Vrf));

    public static bool MayAsk(this Confinement confinement, ReachQuestion question) =>
        MayName(confinement, question.From) && MayName(confinement, question.To) && MayName(confinement, question.Vrf);

    /// <summary>Sides of other tenants' workloads without what they follow from: that a connection passes or not, whoever owns one end can try.</summary>
    /// <returns>null if the answer would only speak of others.</returns>
    public static ExplainAnswer? Of(Confinement confinement, ExplainAnswer answer)
    {
        if (confinement.IsNone)
        {
            return answer;
        }

        var sides = new[] { answer.Out, answer.In }.OfType<ExplainSide>().ToArray();
        var isOwn = sides.Length == 0 ? confinement.ShowsTenantOf(answer.Vrf) : sides.Any(s => confinement.ShowsTenantOf(s.Workload));
        return !isOwn ? null : answer with
        {
            Out = Of(confinement, answer.Out),
            In = Of(confinement, answer.In),
            Groups = answer.Groups is { } groups ? new(Of(confinement, groups.Source), Of(confinement, groups.Destination)) : null,
        };
    }

    public static ReachAnswer Of(Confinement confinement, ReachAnswer answer) => confinement.IsNone ? answer : answer with
    {
        Vrfs =
        [
            .. answer.Vrfs.Where(v => confinement.ShowsTenantOf(v.Vrf)).Select(v => v with
            {
                EveryPairRules = Rules(confinement, v.EveryPairRules),
                SomePairs = [.. v.SomePairs.Select(p => p with { Sources = Of(confinement, p.Sources), Destinations = Of(confinement, p.Destinations), Rules = Rules(confinement, p.Rules) })],
            }),
        ],
    };

    public static PlanEffects Of(Confinement confinement, PlanEffects effects) => confinement.IsNone ? effects : new(
        Of(confinement, effects.Allowed),
        Of(confinement, effects.Dropped),
        Of(confinement, effects.AnsweredOtherwise),
        [.. effects.BrokenAssertions.Where(b => confinement.ShowsTenantOf(b.Assertion)).Select(b => b with { Counterexample = confinement.Text(b.Counterexample) })],
        [.. effects.IdleRules.Where(r => confinement.ShowsRule(r.Rule)).Select(r => r with { By = Rules(confinement, r.By) })],
        effects.IdleRulesOf);

    private static ExplainSide? Of(Confinement confinement, ExplainSide? side)
    {
        if (side is null)
        {
            return null;
        }

        if (!confinement.ShowsTenantOf(side.Workload))
        {
            return new(Confinement.Withheld, side.Action, Confinement.Withheld, null);
        }

        return side with
        {
            Rule = confinement.Rule(side.Rule),
            Chain = side.Chain is { } chain ? confinement.Text(chain) : null,
            Tiers = side.Tiers is { } tiers ? [.. tiers.Select(t => Of(confinement, t))] : null,
            Origin = confinement.ShowsRule(side.Rule) ? side.Origin : null,
            Flows = confinement.ShowsRule(side.Rule) ? side.Flows : null,
        };
    }

    private static ExplainTier Of(Confinement confinement, ExplainTier tier)
    {
        ExplainRule[] shown = [.. tier.Rules.Where(r => confinement.ShowsRule(r.Rule))];
        return tier with { Rules = shown, RulesNotListed = tier.RulesNotListed + tier.Rules.Count - shown.Length };
    }

    private static IReadOnlyList<ExplainGroup> Of(Confinement confinement, IReadOnlyList<ExplainGroup> groups) =>
    [
        .. groups.Where(g => confinement.ShowsTenantOf(g.Group)).Select(g => g with { By = [.. g.By.Select(confinement.Text)], Except = [.. g.Except.Select(confinement.Text)] }),
    ];

    private static IReadOnlyList<PlannedConnections> Of(Confinement confinement, IReadOnlyList<PlannedConnections> connections) =>
    [
        .. connections.Where(c => confinement.ShowsTenantOf(c.Vrf)).Select(c => c with
        {
            Sources = Of(confinement, c.Sources),
            Destinations = Of(confinement, c.Destinations),
            Before = Rules(confinement, c.Before),
            After = Rules(confinement, c.After),
        }),
    ];

    private static NamedAddresses Of(Confinement confinement, NamedAddresses addresses) => addresses with { Names = [.. addresses.Names.Select(confinement.Text)] };

    private static IReadOnlyList<string> Rules(Confinement confinement, IReadOnlyList<string> rules) => [.. rules.Select(confinement.Rule)];

    private static bool MayName(Confinement confinement, string? name) => confinement.IsNone || name is null || IsAddress(name) || confinement.ShowsTenantOf(name);

    private static bool IsAddress(string text) => Model.Prefix.TryParse(text, out _) || Model.IpAddress.TryParse(text, out _);
}
