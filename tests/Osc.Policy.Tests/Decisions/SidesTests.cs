using Osc.Model.Documents;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Decisions;

/// <summary>"It has up to two sides: out at the workload that owns the source address, in at the one that owns the destination."</summary>
public sealed class SidesTests
{
    private static readonly World Open = World.Of(PolicyOf("p", Allow("all")));

    [Theory]
    [InlineData("web-1 > db-1 tcp/80", "allow, out allow shop/p/all, in allow shop/p/all")]
    [InlineData("web-1 > 198.51.100.7 tcp/80", "allow, out allow shop/p/all")]
    [InlineData("198.51.100.7 > web-1 tcp/80", "allow, in allow shop/p/all")]
    [InlineData("198.51.100.7 > 198.51.100.8 tcp/80", "allow")]
    [InlineData("10.1.0.77 > 10.2.0.77 tcp/80", "allow")]
    public void Side_exists_where_a_workload_owns_the_address(string connection, string decision) => Assert.Equal(decision, Open.Decide(connection));

    [Theory]
    [InlineData("fd00:1::1 > fd00:2::1 tcp/80", "allow, out allow shop/p/all, in allow shop/p/all")]
    [InlineData("fd00:1::1 > 2001:db8::7 tcp/80", "allow, out allow shop/p/all")]
    [InlineData("2001:db8::7 > fd00:1::1 tcp/80", "allow, in allow shop/p/all")]
    public void Side_exists_for_an_IPv6_address_too(string connection, string decision) => Assert.Equal(decision, Open.Decide(connection));

    /// <summary>"vrf: one address space; addresses may repeat in different vrfs."</summary>
    [Theory]
    [InlineData("web-1 > 198.51.100.7 tcp/80", "allow, out allow shop/p/all")]
    [InlineData("bank/default: 10.1.0.1 > 198.51.100.7 tcp/80", "drop, out drop default")]
    [InlineData("bank/default: 10.1.0.2 > 198.51.100.7 tcp/80", "allow")]
    [InlineData("web-1 > 10.1.0.9 tcp/80", "allow, out allow shop/p/all")]
    public void Owner_of_an_address_is_that_of_the_connections_vrf(string connection, string decision) => Assert.Equal(decision, Open.Decide(connection));

    /// <summary>"It passes only if each existing side lets it pass; else its verdict is that of the first side (out, then in) that does not."</summary>
    [Theory]
    [InlineData(RuleAction.Allow, RuleAction.Allow, "allow, out allow shop/p/out, in allow shop/p/in")]
    [InlineData(RuleAction.Allow, RuleAction.Drop, "drop, out allow shop/p/out, in drop shop/p/in")]
    [InlineData(RuleAction.Allow, RuleAction.Reject, "reject, out allow shop/p/out, in reject shop/p/in")]
    [InlineData(RuleAction.Drop, RuleAction.Allow, "drop, out drop shop/p/out, in allow shop/p/in")]
    [InlineData(RuleAction.Drop, RuleAction.Drop, "drop, out drop shop/p/out, in drop shop/p/in")]
    [InlineData(RuleAction.Drop, RuleAction.Reject, "drop, out drop shop/p/out, in reject shop/p/in")]
    [InlineData(RuleAction.Reject, RuleAction.Allow, "reject, out reject shop/p/out, in allow shop/p/in")]
    [InlineData(RuleAction.Reject, RuleAction.Drop, "reject, out reject shop/p/out, in drop shop/p/in")]
    [InlineData(RuleAction.Reject, RuleAction.Reject, "reject, out reject shop/p/out, in reject shop/p/in")]
    public void Verdict_is_that_of_the_first_side_that_does_not_let_pass(RuleAction outAction, RuleAction inAction, string decision)
    {
        var world = World.Of(PolicyOf("p", RuleOf("out", outAction).For(Direction.Out), RuleOf("in", inAction).For(Direction.In)));

        Assert.Equal(decision, world.Decide("web-1 > db-1 tcp/80"));
        Assert.Equal(decision, world.Decide("web-1 > web-2 tcp/80"));
    }

    /// <summary>"No rule decided" on one side, one did on the other: each side asks for itself.</summary>
    [Fact]
    public void Rule_for_one_side_says_nothing_for_the_other()
    {
        var world = World.Of(PolicyOf("p", Allow("r").For(Direction.Out)));

        Assert.Equal("drop, out allow shop/p/r, in drop default", world.Decide("web-1 > db-1 tcp/80"));
    }

    /// <summary>"A side is decided by the policies of its workload's tenant": in one vrf the two sides may be of two tenants.</summary>
    [Theory]
    [InlineData("web-1 > bank/teller tcp/80", "drop, out allow shop/p/all, in drop bank/p/none")]
    [InlineData("bank/teller > web-1 tcp/80", "drop, out drop bank/p/none, in allow shop/p/all")]
    [InlineData("bank/teller > web-1 tcp/443", "allow, out allow bank/p/https, in allow shop/p/all")]
    public void Side_is_decided_by_the_policies_of_its_workloads_tenant(string connection, string decision)
    {
        var world = World.Of(PolicyOf("p", Allow("all")), PolicyOf("bank/p", Allow("https", services: "tcp/443"), Drop("none")));

        Assert.Equal(decision, world.Decide(connection));
    }

    /// <summary>A packet from a workload's one interface to its other has both sides.</summary>
    [Fact]
    public void Connection_between_two_interfaces_of_one_workload_has_both_sides()
    {
        var world = World.Of(
            Workload("router", "app=router", Nic(11, "h1", "front", "10.1.0.11"), Nic(12, "h2", "back", "10.2.0.11")),
            PolicyOf("p", Allow("out").For(Direction.Out), Reject("in").For(Direction.In)));

        Assert.Equal("reject, out allow shop/p/out, in reject shop/p/in", world.Decide("10.1.0.11 > 10.2.0.11 tcp/80"));
    }
}
