using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Osc.Policy.Explain;
using Osc.Policy.Tests.Verify;
using Osc.Scenarios;
using Osc.Scenarios.Changes;
using Xunit;

namespace Osc.Policy.Tests.Explain;

public sealed class ExplainerTests
{
    [Fact]
    public void Explainer_says_what_Decider_says()
    {
        Parallel.For(0, 300, seed =>
        {
            var scenario = RandomScenario.Of(seed + 41_000);
            var explainer = new Explainer(scenario.State);
            for (var i = 0; i < 200; i++)
            {
                var connection = scenario.NextConnection();
                var explained = explainer.Explain(connection, all: i % 2 == 0);
                Assert.Equal(Decider.Decide(scenario.State, connection), explained.Decision);
                AssertEndsWith(explained.Out);
                AssertEndsWith(explained.In);
            }
        });
    }

    [Fact]
    public void Explainer_finds_the_groups_that_Membership_finds()
    {
        Parallel.For(0, 300, seed =>
        {
            var scenario = RandomScenario.Of(seed + 42_000);
            var explainer = new Explainer(scenario.State);
            for (var i = 0; i < 50; i++)
            {
                var connection = scenario.NextConnection();
                var expected = scenario.State.Documents.OfType<SecurityGroupDocument>().Select(g => g.QualifiedName)
                    .Where(g => Membership.OfGroup(scenario.State, g, connection.Vrf, connection.Source));
                Assert.Equal(expected.Order(), explainer.Explain(connection).Source.Groups.Where(g => g.IsMember).Select(g => g.Group));
            }
        });
    }

    [Fact]
    public void Explainer_of_the_next_state_says_what_Decider_says() => Parallel.For(0, 40, seed =>
    {
        var churn = Churn.Of(Verified.RandomState(seed + 44_000).Documents, seed);
        var explainer = new Explainer(Verified.StateOf(churn.Documents));
        for (var step = 0; step < 20; step++)
        {
            var changes = churn.Next();
            explainer = explainer.For(Verified.StateOf(churn.Documents), [.. changes.Select(c => c.Key)]);
            var fresh = new Explainer(explainer.State);
            var addresses = explainer.State.Interfaces.SelectMany(i => i.Interface.Addresses.Select(a => (i.Vrf, Address: a))).ToArray();
            foreach (var (vrf, source) in addresses)
            {
                foreach (var (_, destination) in addresses.Where(a => a.Vrf == vrf && a.Address.Family == source.Family))
                {
                    var connection = new Connection(vrf, source, destination, IpProtocol.Tcp, 443);
                    var explanation = explainer.Explain(connection);
                    Assert.Equal(Decider.Decide(explainer.State, connection), explanation.Decision);
                    Assert.Equal(fresh.Explain(connection).Source, explanation.Source);
                }
            }
        }
    });

    [Fact]
    public void All_rules_up_to_the_deciding_one_are_listed_or_counted()
    {
        for (var seed = 43_000; seed < 43_300; seed++)
        {
            var scenario = RandomScenario.Of(seed);
            var explainer = new Explainer(scenario.State);
            for (var i = 0; i < 40; i++)
            {
                var connection = scenario.NextConnection();
                var (all, some) = (explainer.Explain(connection, all: true), explainer.Explain(connection));
                foreach (var (long1, short1) in new[] { (all.Out, some.Out), (all.In, some.In) })
                {
                    Assert.Equal(
                        long1?.Tiers.Select(t => (t.Tier, t.End, Looked: t.Rules.Count)),
                        short1?.Tiers.Select(t => (t.Tier, t.End, Looked: t.Rules.Count + t.RulesNotApplied)));
                    Assert.Equal(long1?.Tiers.SelectMany(t => t.Rules).Where(r => r.Outcome == RuleOutcome.Counts), short1?.Tiers.SelectMany(t => t.Rules).Where(r => r.Outcome == RuleOutcome.Counts));
                }
            }
        }
    }

    /// <summary>Only a tier's last rule counts, and it is the rule that the side names where the tier decided.</summary>
    private static void AssertEndsWith(ExplainedSide? side)
    {
        foreach (var tier in side?.Tiers ?? [])
        {
            Assert.All(tier.Rules.SkipLast(1), r => Assert.NotEqual(RuleOutcome.Counts, r.Outcome));
            Assert.Equal(tier.End != TierEnd.NothingCounts, tier.Rules is [.., { Outcome: RuleOutcome.Counts }]);
        }

        if (side?.Tiers is [.., { End: TierEnd.Decided } deciding])
        {
            Assert.Equal(side.Decision.Rule, deciding.Rules[^1].Key);
        }
        else
        {
            Assert.Null(side?.Decision.Rule);
        }
    }
}
