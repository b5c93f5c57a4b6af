using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>What is odd about a rule.</summary>
public enum RuleFault
{
    /// <summary>No connection can be one that it counts for: a group is empty, or its parts contradict each other.</summary>
    NeverMatches,

    /// <summary>Whatever it counts for, an earlier rule has decided.</summary>
    Shadowed,

    /// <summary>It is the first to count for some connections, and without it each of them would have the same verdict.</summary>
    Redundant,
}

/// <summary>A rule that could be left out.</summary>
/// <param name="By">Of a shadowed rule: earlier rules that take connections from it, at most <see cref="RuleLints.MaxNamed"/>.</param>
public sealed record RuleLint(RuleKey Rule, RuleFault Fault, ValueList<RuleKey> By);

/// <summary>Finds rules that do nothing, by what all connections would get without them. Each rule is looked at alone: of two that do the same, either is redundant.</summary>
public static class RuleLints
{
    public const int MaxNamed = 3;

    /// <summary>Lints of all enforced rules, in deciding order.</summary>
    public static IEnumerable<RuleLint> Of(PolicyMeaning meaning) => meaning.Rules.Rules.Select(r => Of(meaning, r)).OfType<RuleLint>();

    /// <summary>Lints of one policy's enforced rules.</summary>
    public static IEnumerable<RuleLint> Of(PolicyMeaning meaning, QualifiedName policy) => meaning.Rules.OfPolicy(policy).Select(r => Of(meaning, r)).OfType<RuleLint>();

    private static RuleLint? Of(PolicyMeaning meaning, MeantRule rule)
    {
        var counts = false;
        var reaches = false;
        var by = new List<RuleKey>();
        foreach (var (region, direction) in RuleRegion.Of(meaning, rule))
        {
            foreach (var block in meaning.Blocks(region.Vrf, region.Sources, region.Destinations))
            {
                var rules = direction == Direction.Out ? block.Rules.Out : block.Rules.In;
                if (!rules.Contains(rule) || !rule.Services.Overlaps(ServiceSet.RealIn(block.Family)) || block.Rules.IsClosedToMany)
                {
                    continue;
                }

                counts = true;
                if (!block.Rules.Reaches(rule, direction, block.Family))
                {
                    by.AddRange(rules.TakeWhile(r => r != rule).Where(r => r.Services.Overlaps(rule.Services)).Select(r => r.Key));
                    continue;
                }

                reaches = true;
                if (Differ(block.Rules.Parts, block.Rules.Without(rule), block.Family))
                {
                    return null;
                }
            }
        }

        return !counts ? new(rule.Key, RuleFault.NeverMatches, ValueList<RuleKey>.Empty)
            : reaches ? new(rule.Key, RuleFault.Redundant, ValueList<RuleKey>.Empty)
            : new(rule.Key, RuleFault.Shadowed, by.Distinct().Take(MaxNamed).ToValueList());
    }

    private static bool Differ(IReadOnlyList<VerdictPart> with, IReadOnlyList<VerdictPart> without, IpFamily family) =>
        with.Any(a => without.Any(b => a.Verdict != b.Verdict && a.Services.Intersect(b.Services).Overlaps(ServiceSet.RealIn(family))));
}
