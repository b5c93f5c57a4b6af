using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Verify;

public sealed class RuleLintsTests
{
    private static readonly Document[] Groups =
        [Group("web", Selected("app=web")), Group("db", Selected("app=db")), Group("none", Selected("app=nothing")), Group("front", InNetwork("front"))];

    [Fact]
    public void Rule_of_an_empty_group_never_matches() => Assert.Equal(["none NeverMatches"], Lints(PolicyOf("p", Allow("none", "none", "db"), Allow("some", "web", "db", "tcp/1"))));

    [Fact]
    public void Rule_whose_appliedTo_contradicts_its_ends_never_matches() =>
        Assert.Equal(["r NeverMatches"], Lints(PolicyOf("p", Allow("r", "web", "web")).AppliedTo("db")));

    [Fact]
    public void Rule_behind_a_wider_one_is_shadowed_by_it() =>
        Assert.Equal(["narrow Shadowed wide"], Lints(PolicyOf("p", Drop("wide", "web", "", "tcp"), Allow("narrow", "web", "db", "tcp/80"), Allow("udp", "web", "db", "udp/80"))));

    [Fact]
    public void Rule_behind_two_that_together_cover_it_is_shadowed() =>
        Assert.Equal(["all Shadowed low high"], Lints(PolicyOf("p", Drop("low", "web", "db", "tcp/0-99"), Reject("high", "web", "db", "tcp/100-65535"), Allow("all", "web", "db", "tcp")), "low"));

    [Fact]
    public void Rule_that_drops_what_the_default_drops_is_redundant() => Assert.Equal(["r Redundant"], Lints(PolicyOf("p", Drop("r", "web", "db", "tcp/80"))));

    [Fact]
    public void Rule_of_a_later_tier_is_reached_by_what_passes() => Assert.DoesNotContain(
        Lints(PolicyOf("a", Pass("p", "web", "db", "tcp"), Drop("d", "", "", "tcp")).In(Tier.Emergency), PolicyOf("b", Allow("ok", "web", "db", "tcp/80"))),
        l => l.StartsWith("ok ", StringComparison.Ordinal));

    /// <summary>Each fault is what it says: taking the rule away changes nothing, by what the whole states mean.</summary>
    [Fact]
    public void Rule_with_a_fault_can_be_left_out_and_a_rule_without_one_cannot() => Parallel.For(0, 40 * Verified.Scale, seed =>
    {
        var meaning = new PolicyMeaning(Verified.RandomState(seed));
        var faults = RuleLints.Of(meaning).ToDictionary(l => l.Rule);
        foreach (var policy in meaning.State.Documents.OfType<PolicyDocument>())
        {
            foreach (var rule in policy.Rules.Where(r => r.Mode == RuleMode.Enforce))
            {
                var without = new PolicyMeaning(Verified.StateOf(meaning.State.Documents.With(policy with { Rules = policy.Rules.Where(r => r != rule).ToValueList() })));
                var differs = meaning.State.Vrfs.Any(vrf => Differ(meaning, without, vrf));
                Assert.True(differs != faults.ContainsKey(new(policy.QualifiedName, rule.Name)), $"seed {seed}: {policy.QualifiedName}/{rule.Name} {differs}");
            }
        }
    });

    private static bool Differ(PolicyMeaning with, PolicyMeaning without, QualifiedName vrf)
    {
        var old = with.Decide(vrf, AddressSet.All, AddressSet.All, ServiceSet.All).ToArray();
        return without.Decide(vrf, AddressSet.All, AddressSet.All, ServiceSet.All).Any(now => old.Any(was =>
            was.Verdict != now.Verdict && was.Sources.Overlaps(now.Sources) && was.Destinations.Overlaps(now.Destinations) && was.Services.Overlaps(now.Services)));
    }

    private static string[] Lints(params PolicyDocument[] policies) => [.. Found(policies)];

    private static string[] Lints(PolicyDocument policy, string except) => [.. Found([policy]).Where(l => !l.StartsWith(except + " ", StringComparison.Ordinal))];

    private static IEnumerable<string> Found(PolicyDocument[] policies) =>
        RuleLints.Of(new PolicyMeaning(World.Of([.. Groups, .. policies]).State)).Select(l => string.Join(' ', [$"{l.Rule.Rule} {l.Fault}", .. l.By.Select(r => r.Rule.ToString())]));
}
