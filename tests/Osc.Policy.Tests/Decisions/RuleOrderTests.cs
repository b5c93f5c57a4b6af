using Osc.Model.Documents;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Decisions;

/// <summary>
/// "It goes through tiers in order, policies by order then name, rules by position." and
/// "[system's] policies stand in every tenant's workloads, ahead of the tenant's own within the same tier".
/// </summary>
public sealed class RuleOrderTests
{
    private const string ToWeb = "198.51.100.7 > web-1 tcp/80";

    public static TheoryData<Tier, Tier> TierPairs => new(
        from first in Enum.GetValues<Tier>()
        from second in Enum.GetValues<Tier>()
        where first < second
        select (first, second));

    public static TheoryData<Tier> Tiers => new(Enum.GetValues<Tier>());

    /// <summary>"tier: emergency > infrastructure > environment > application > baseline"</summary>
    [Theory]
    [MemberData(nameof(TierPairs))]
    public void Earlier_tier_decides_before_a_later_one_whatever_the_order(Tier first, Tier second)
    {
        var world = World.Of(PolicyOf("a", Drop("r")).In(second, 1), PolicyOf("b", Allow("r")).In(first, 999));

        Assert.Equal("allow, in allow shop/b/r", world.Decide(ToWeb));
    }

    /// <summary>"order: within the tier, lower first"</summary>
    [Theory]
    [MemberData(nameof(Tiers))]
    public void Lower_order_decides_first_within_a_tier(Tier tier)
    {
        var world = World.Of(PolicyOf("a", Drop("r")).In(tier, 20), PolicyOf("b", Allow("r")).In(tier, 3));

        Assert.Equal("allow, in allow shop/b/r", world.Decide(ToWeb));
    }

    /// <summary>"ties by name": ordinal, so "p10" is before "p2".</summary>
    [Theory]
    [InlineData("a", "b")]
    [InlineData("p10", "p2")]
    [InlineData("web", "web-2")]
    public void Policies_of_the_same_order_decide_by_name(string first, string second)
    {
        var world = World.Of(PolicyOf(second, Drop("r")), PolicyOf(first, Allow("r")));

        Assert.Equal($"allow, in allow shop/{first}/r", world.Decide(ToWeb));
    }

    /// <summary>"rules: first match wins"; by position, not by name.</summary>
    [Fact]
    public void Rules_of_a_policy_decide_by_position()
    {
        var world = World.Of(PolicyOf("p", Drop("z", services: "udp"), Allow("y"), Drop("a")));

        Assert.Equal("allow, in allow shop/p/y", world.Decide(ToWeb));
    }

    /// <summary>A narrower rule is no better than a wider one before it.</summary>
    [Fact]
    public void Narrow_rule_behind_a_wide_one_never_decides()
    {
        var world = World.Of(Group("web", Selected("app = web")), PolicyOf("p", Drop("wide"), Allow("narrow", from: "198.51.100.7/32", to: "web", services: "tcp/80")));

        Assert.Equal("drop, in drop shop/p/wide", world.Decide(ToWeb));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void System_is_ahead_of_the_tenant_within_a_tier_whatever_order_and_name(Tier tier)
    {
        var world = World.Of(PolicyOf("a", Drop("r")).In(tier, 0), PolicyOf("system/z", Allow("r")).In(tier, 999));

        Assert.Equal("allow, in allow system/z/r", world.Decide(ToWeb));
    }

    [Theory]
    [MemberData(nameof(TierPairs))]
    public void System_is_not_ahead_of_the_tenant_of_an_earlier_tier(Tier first, Tier second)
    {
        var world = World.Of(PolicyOf("a", Allow("r")).In(first), PolicyOf("system/z", Drop("r")).In(second));

        Assert.Equal("allow, in allow shop/a/r", world.Decide(ToWeb));
    }

    /// <summary>"its policies stand in every tenant's workloads"</summary>
    [Theory]
    [InlineData(ToWeb, "allow, in allow system/z/r")]
    [InlineData("bank/default: 198.51.100.7 > 10.1.0.9 tcp/80", "allow, in allow system/z/r")]
    [InlineData("web-1 > bank/teller tcp/80", "allow, out allow system/z/r, in allow system/z/r")]
    public void Policies_of_system_stand_in_every_tenants_workloads(string connection, string decision) =>
        Assert.Equal(decision, World.Of(PolicyOf("system/z", Allow("r"))).Decide(connection));

    [Fact]
    public void Policies_of_a_tenant_do_not_stand_in_anothers_workloads() =>
        Assert.Equal("drop, out allow shop/p/r, in drop default", World.Of(PolicyOf("p", Allow("r"))).Decide("web-1 > bank/teller tcp/80"));

    /// <summary>The system tenant may have workloads of its own; its policies then count once.</summary>
    [Fact]
    public void Policies_of_system_decide_for_systems_own_workloads()
    {
        var world = World.Of(
            Network("system/mgmt", Vlan(900), "10.9.0.0/24"),
            Workload("system/bastion", "app=ssh", Nic(9, "h1", "system/mgmt", "10.9.0.1")),
            PolicyOf("system/z", Allow("r", services: "tcp/22")));

        Assert.Equal("allow, in allow system/z/r", world.Decide("system/default: 198.51.100.7 > 10.9.0.1 tcp/22"));
        Assert.Equal("drop, in drop default", world.Decide("system/default: 198.51.100.7 > 10.9.0.1 tcp/23"));
    }
}
