using Osc.Model;
using Osc.Model.Documents;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Decisions;

/// <summary>"The first that counts decides: allow; drop; reject; pass = go on with the next tier; inspect", and the modes.</summary>
public sealed class RuleActionTests
{
    private const string ToWeb = "198.51.100.7 > web-1 tcp/80";

    public static TheoryData<Tier> Tiers => new(Enum.GetValues<Tier>());

    [Theory]
    [InlineData(RuleAction.Allow, "allow, in allow shop/p/r")]
    [InlineData(RuleAction.Drop, "drop, in drop shop/p/r")]
    [InlineData(RuleAction.Reject, "reject, in reject shop/p/r")]
    public void Rule_that_counts_decides_by_its_action(RuleAction action, string decision) =>
        Assert.Equal(decision, World.Of(PolicyOf("p", RuleOf("r", action))).Decide(ToWeb));

    /// <summary>"inspect = allow, through the chain"</summary>
    [Fact]
    public void Inspect_allows_through_its_chain()
    {
        var hop = new Hop(Name.Parse("snort"), new(Name.Parse("h1"), null, Port("ips-in")), new(Name.Parse("h1"), null, Port("ips-out")), OnFailure.Open);
        var world = World.Of(
            new InspectionChainDocument(new(Name.Parse("ips"), Shop), [hop]),
            PolicyOf("p", RuleOf("r", RuleAction.Inspect) with { Chain = Named("ips") }));

        Assert.Equal("allow, in allow shop/p/r through shop/ips", world.Decide(ToWeb));
    }

    /// <summary>"pass = go on with the next tier": the rest of the tier is left out, the next tier decides.</summary>
    [Theory]
    [InlineData(Tier.Emergency, Tier.Infrastructure)]
    [InlineData(Tier.Infrastructure, Tier.Environment)]
    [InlineData(Tier.Environment, Tier.Application)]
    [InlineData(Tier.Application, Tier.Baseline)]
    public void Pass_leaves_the_rest_of_its_tier_out_and_the_next_decides(Tier tier, Tier next)
    {
        var world = World.Of(
            PolicyOf("a", Pass("pass"), Drop("rest")).In(tier, 1),
            PolicyOf("b", Drop("rest")).In(tier, 2),
            PolicyOf("c", Reject("next")).In(next));

        Assert.Equal("reject, in reject shop/c/next", world.Decide(ToWeb));
    }

    /// <summary>Pass goes to the very next tier, and a tier in which no rule counts leads on.</summary>
    [Theory]
    [MemberData(nameof(Tiers))]
    public void Pass_in_any_tier_does_not_decide(Tier tier)
    {
        var world = World.Of(PolicyOf("a", Pass("pass")).In(tier), PolicyOf("z", Allow("last")).In(Tier.Baseline, 200));

        Assert.Equal(tier == Tier.Baseline ? "drop, in drop default" : "allow, in allow shop/z/last", world.Decide(ToWeb));
    }

    /// <summary>Out of the last tier: "No rule decided: the tenant's defaultAction."</summary>
    [Theory]
    [InlineData(DefaultAction.Allow, "allow, in allow default")]
    [InlineData(DefaultAction.Drop, "drop, in drop default")]
    public void Pass_out_of_the_last_tier_leads_to_the_default_action(DefaultAction action, string decision)
    {
        var world = World.Of(Tenant("shop", action), PolicyOf("p", Pass("pass"), Reject("rest")).In(Tier.Baseline));

        Assert.Equal(decision, world.Decide(ToWeb));
    }

    /// <summary>System's pass leaves the tenant's own rules of that tier out too: they are of one tier.</summary>
    [Fact]
    public void Pass_of_system_skips_the_tenants_rules_of_its_tier()
    {
        var world = World.Of(
            PolicyOf("system/a", Pass("pass", services: "tcp/80")).In(Tier.Environment),
            PolicyOf("b", Drop("skipped")).In(Tier.Environment),
            PolicyOf("c", Allow("next")).In(Tier.Application));

        Assert.Equal("allow, in allow shop/c/next", world.Decide(ToWeb));
        Assert.Equal("drop, in drop shop/b/skipped", world.Decide("198.51.100.7 > web-1 tcp/81"));
    }

    [Fact]
    public void Pass_of_one_side_does_not_pass_the_other()
    {
        var world = World.Of(PolicyOf("a", Pass("pass").For(Direction.Out), Reject("rest")), PolicyOf("b", Allow("next")).In(Tier.Baseline));

        Assert.Equal("reject, out allow shop/b/next, in reject shop/a/rest", world.Decide("web-1 > db-1 tcp/80"));
    }

    /// <summary>"observe rules [...] decide nothing. disabled rules do not exist."</summary>
    [Theory]
    [InlineData(RuleMode.Observe, RuleAction.Drop)]
    [InlineData(RuleMode.Observe, RuleAction.Reject)]
    [InlineData(RuleMode.Observe, RuleAction.Pass)]
    [InlineData(RuleMode.Disabled, RuleAction.Drop)]
    [InlineData(RuleMode.Disabled, RuleAction.Reject)]
    [InlineData(RuleMode.Disabled, RuleAction.Pass)]
    public void Rule_that_is_not_enforced_decides_nothing(RuleMode mode, RuleAction action)
    {
        var world = World.Of(PolicyOf("p", RuleOf("r", action).As(mode), Allow("next")));

        Assert.Equal("allow, in allow shop/p/next", world.Decide(ToWeb));
    }

    [Theory]
    [InlineData(RuleMode.Observe)]
    [InlineData(RuleMode.Disabled)]
    public void Rule_that_is_not_enforced_allows_nothing(RuleMode mode) =>
        Assert.Equal("drop, in drop default", World.Of(PolicyOf("p", Allow("r").As(mode))).Decide(ToWeb));

    /// <summary>"defaultAction: allow | drop, default drop"</summary>
    [Fact]
    public void Tenant_that_says_nothing_drops_by_default() => Assert.Equal("drop, in drop default", World.Of().Decide(ToWeb));

    /// <summary>"the tenant's defaultAction": that of each side's own tenant.</summary>
    [Theory]
    [InlineData("web-1 > bank/teller tcp/80", "drop, out allow default, in drop default")]
    [InlineData("bank/teller > web-1 tcp/80", "drop, out drop default, in allow default")]
    [InlineData("web-1 > db-1 tcp/80", "allow, out allow default, in allow default")]
    [InlineData("bank/teller > 198.51.100.7 tcp/80", "drop, out drop default")]
    public void Default_action_is_that_of_the_sides_tenant(string connection, string decision) =>
        Assert.Equal(decision, World.Of(Tenant("shop", DefaultAction.Allow), Tenant("bank", DefaultAction.Drop)).Decide(connection));

    [Fact]
    public void Default_action_of_system_is_not_that_of_other_tenants() =>
        Assert.Equal("drop, in drop default", World.Of(Tenant("system", DefaultAction.Allow)).Decide(ToWeb));
}
