using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Planning;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Planning;

public sealed class EffectPlannerTests
{
    private static readonly Document[] Groups = [Group("web", Selected("app=web")), Group("db", Selected("app=db"))];

    [Fact]
    public void Plan_names_groups_services_and_rules_once_for_both_families()
    {
        var effects = Plan([PolicyOf("p", Allow("r", "web", "db", "tcp/80"))], [PolicyOf("p", Allow("r", "web", "db", "tcp/81"))]);
        Assert.Equal(["shop/web > shop/db: tcp/81 by shop/p/r was default"], effects.Allowed.Select(Text));
        Assert.Equal(["shop/web > shop/db: tcp/80 by default was shop/p/r, open cut"], effects.Dropped.Select(Text));
        Assert.Empty(effects.AnsweredOtherwise);
    }

    [Fact]
    public void Plan_says_what_is_rejected_instead_of_dropped()
    {
        var effects = Plan([], [PolicyOf("p", Reject("r", "web", "db", "udp/53"))]);
        Assert.Equal(["shop/web > shop/db: udp/53 by shop/p/r was default"], effects.AnsweredOtherwise.Select(Text));
        Assert.Empty(effects.Allowed.Concat(effects.Dropped));
    }

    [Theory]
    [InlineData(OnRevoke.Keep, "keep")]
    [InlineData(OnRevoke.Cut, "cut")]
    public void Open_connections_fare_as_the_rule_says_that_no_longer_allows_them(OnRevoke onRevoke, string fate)
    {
        var rule = Allow("r", "web", "db", "tcp/80") with { OnRevoke = onRevoke };
        Assert.Equal([fate], Plan([PolicyOf("p", rule)], []).Dropped.Select(d => d.OpenConnections));
    }

    [Fact]
    public void Open_connections_are_cut_by_an_emergency_whatever_their_rule_says()
    {
        var rule = Allow("r", "web", "db", "tcp/80") with { OnRevoke = OnRevoke.Keep };
        var quarantine = PolicyOf("quarantine", Drop("all", "web")) with { Tier = Tier.Emergency };
        Assert.All(Plan([PolicyOf("p", rule)], [PolicyOf("p", rule), quarantine]).Dropped, d => Assert.Equal("cut", d.OpenConnections));
    }

    [Fact]
    public void Open_connections_are_cut_where_one_of_two_sides_says_so()
    {
        var outside = Allow("out", "web", "db", "tcp/80").For(Direction.Out) with { OnRevoke = OnRevoke.Keep };
        var inside = Allow("in", "web", "db", "tcp/80").For(Direction.In);
        Assert.Equal(["cut"], Plan([PolicyOf("p", outside, inside)], []).Dropped.Select(d => d.OpenConnections));
        Assert.Equal(["keep"], Plan([PolicyOf("p", outside, inside)], [PolicyOf("p", inside)]).Dropped.Select(d => d.OpenConnections));
    }

    [Fact]
    public void What_a_new_workload_may_do_is_newly_allowed_and_nothing_newly_dropped()
    {
        var policy = PolicyOf("p", Allow("r", "web", "db", "tcp/80"));
        var fresh = Workload("web-9", "app=web", Nic(9, "h1", "front", "10.1.0.99"));
        var appears = Plan([policy], [policy, fresh]);
        Assert.Equal(["shop/web-9 > 10.2.0.1 of shop/db-1: tcp/80"], appears.Allowed.Where(c => c.Services == "tcp/80").Select(Addressed));
        Assert.All(appears.Allowed, c => Assert.Equal("appear", c.Workloads));
        Assert.Empty(appears.Dropped);
        var goes = Plan([policy, fresh], [policy]);
        Assert.Equal(["shop/web-9 > 10.2.0.1 of shop/db-1: tcp/80"], goes.Dropped.Where(c => c.Services == "tcp/80").Select(Addressed));
        Assert.All(goes.Dropped, c => Assert.Equal(("go", "cut"), (c.Workloads, c.OpenConnections)));
        Assert.Empty(goes.Allowed);
    }

    [Fact]
    public void Plan_tells_rules_that_do_nothing_after_it()
    {
        var first = Allow("first", "web", "db", "tcp/80");
        var effects = Plan([PolicyOf("p", first)], [PolicyOf("p", first, Drop("second", "web", "db", "tcp/80"), Allow("third", "10.99.0.0/16", "db", "icmpv6/128"))]);
        Assert.Equal("all policies", effects.IdleRulesOf);
        Assert.Equal(["shop/p/second shadowed shop/p/first", "shop/p/third neverMatches "], effects.IdleRules.Select(r => $"{r.Rule} {r.Fault} {string.Join(' ', r.By)}").Order());
    }

    [Fact]
    public void Plan_tells_assertions_that_do_not_hold_with_a_counterexample()
    {
        var never = new AssertionDocument(new(Name.Parse("closed"), Shop), AssertionMode.Never, [new GroupPeer(Named("web"))], [new GroupPeer(Named("db"))], []);
        var effects = Plan([never], [never, PolicyOf("p", Allow("r", "web", "db", "tcp/80"))]);
        var broken = Assert.Single(effects.BrokenAssertions);
        Assert.Equal("shop/closed", broken.Assertion);
        Assert.Contains("tcp/80 passes: out shop/p/r, in shop/p/r", broken.Counterexample);
    }

    [Fact]
    public void Change_that_means_nothing_has_no_effect()
    {
        var effects = Plan([PolicyOf("p", Allow("r", "web", "db", "tcp/80 tcp/81"))], [PolicyOf("p", Allow("a", "web", "db", "tcp/81"), Allow("b", "web", "db", "tcp/80"))]);
        Assert.Empty(effects.Allowed.Concat(effects.Dropped).Concat(effects.AnsweredOtherwise));
    }

    private static PlanEffects Plan(Document[] before, Document[] after)
    {
        var (was, now) = (World.Of([.. Groups, .. before]).State, World.Of([.. Groups, .. after]).State);
        return EffectPlanner.Plan(new(was), new(now), DocumentChanges.Between(was.Documents, now.Documents));
    }

    private static string Text(PlannedConnections c) =>
        $"{c.Sources} > {c.Destinations}: {c.Services} by {string.Join('+', c.After.Distinct())} was {string.Join('+', c.Before.Distinct())}{(c.OpenConnections is { } open ? ", open " + open : "")}";

    private static string Addressed(PlannedConnections c) => $"{c.Sources} > {string.Join(' ', c.Destinations.Ranges)} of {c.Destinations}: {c.Services}";
}
