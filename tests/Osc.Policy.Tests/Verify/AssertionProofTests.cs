using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Osc.Policy.Verify.Meaning;
using Osc.Scenarios;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Verify;

public sealed class AssertionProofTests
{
    private static readonly Document[] Groups = [Group("web", Selected("app=web")), Group("db", Selected("app=db"))];

    [Fact]
    public void Never_holds_where_nothing_allows() => Assert.Null(Check(AssertionMode.Never, "0.0.0.0/0", "db", "any", Allow("r", "web", "web", "tcp/80")));

    [Fact]
    public void Never_is_broken_by_a_connection_that_passes()
    {
        var broken = Check(AssertionMode.Never, "web", "db", "tcp/1000-2000", Allow("r", "web", "db", "tcp/1500-3000"));

        Assert.NotNull(broken);
        Assert.Equal(1500, broken.Counterexample.DestinationPort);
        Assert.Equal("shop/default: 10.1.0.1 -> 10.2.0.1 tcp/1500 passes: out shop/p/r, in shop/p/r", broken.Story);
    }

    [Fact]
    public void Always_is_broken_by_one_service_that_does_not_pass() =>
        Assert.Equal(443, (int?)Check(AssertionMode.Always, "web", "db", "tcp/80 tcp/443", Allow("r", "web", "db", "tcp/80"))?.Counterexample.DestinationPort);

    [Fact]
    public void Always_holds_between_members_of_one_group_although_none_talks_to_itself() =>
        Assert.Null(Check(AssertionMode.Always, "db", "db", "tcp/80"));

    [Fact]
    public void Assertion_is_found_broken_where_decide_breaks_it_and_nowhere_else() => Parallel.For(0, 100 * Verified.Scale, seed =>
    {
        var scenario = RandomScenario.Of(seed);
        var meaning = new PolicyMeaning(scenario.State);
        foreach (var policy in scenario.State.Documents.OfType<PolicyDocument>())
        {
            foreach (var rule in policy.Rules)
            {
                var mode = rule.Action == RuleAction.Allow ? AssertionMode.Always : AssertionMode.Never;
                var assertion = new AssertionDocument(new(Name.Parse("a"), policy.Metadata.Tenant), mode, rule.From, rule.To, rule.Services);
                var broken = AssertionProof.Counterexample(meaning, assertion);
                if (broken is not null)
                {
                    Assert.True(Breaks(scenario.State, assertion, broken.Counterexample), $"seed {seed}: {broken.Story}");
                    continue;
                }

                for (var i = 0; i < 20; i++)
                {
                    var connection = scenario.NextConnection();
                    Assert.False(Breaks(scenario.State, assertion, connection), $"seed {seed}: {assertion} {connection}");
                }
            }
        }
    });

    private static bool Breaks(State state, AssertionDocument assertion, Connection connection)
    {
        var tenant = assertion.Metadata.Tenant;
        var ends = Ends.Of(state, connection);
        var concerns = (ends.Source is not null || ends.Destination is not null) && ends.AreApart
            && (assertion.From.Count + assertion.To.Count > 0 || state.IsVrfOf(tenant, connection.Vrf))
            && Membership.OfAny(state, tenant, assertion.From, connection.Vrf, connection.Source)
            && Membership.OfAny(state, tenant, assertion.To, connection.Vrf, connection.Destination)
            && (assertion.Services.Count == 0 || assertion.Services.SelectMany(state.PortsOf).Any(p => p.Matches(connection)));
        return concerns && (Decider.Decide(state, connection).Verdict == Verdict.Allow) == (assertion.Mode == AssertionMode.Never);
    }

    private static BrokenAssertion? Check(AssertionMode mode, string from, string to, string services, params Rule[] rules)
    {
        var like = RuleOf("a", RuleAction.Allow, from, to, services);
        var state = World.Of([.. Groups, PolicyOf("p", rules)]).State;
        return AssertionProof.Counterexample(new(state), new(new(Name.Parse("a"), Shop), mode, like.From, like.To, like.Services));
    }
}
