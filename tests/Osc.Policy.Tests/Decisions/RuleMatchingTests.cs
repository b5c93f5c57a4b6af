using Osc.Model;
using Osc.Model.Documents;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Decisions;

/// <summary>
/// "A rule counts for the side if its direction has it, the side's workload is in appliedTo, and from, to (the connection's
/// source and destination, on either side) and services match."
/// </summary>
public sealed class RuleMatchingTests
{
    private static readonly Document[] Groups = [Group("web", Selected("app = web")), Group("db", Selected("app = db"))];

    /// <summary>"direction: both | in | out"</summary>
    [Theory]
    [InlineData(Direction.Both, "allow, out allow shop/p/r, in allow shop/p/r")]
    [InlineData(Direction.Out, "drop, out allow shop/p/r, in drop default")]
    [InlineData(Direction.In, "drop, out drop default, in allow shop/p/r")]
    public void Rule_counts_for_the_sides_that_its_direction_has(Direction direction, string decision) =>
        Assert.Equal(decision, World.Of(PolicyOf("p", Allow("r").For(direction))).Decide("web-1 > db-1 tcp/80"));

    /// <summary>"appliedTo asks whether the address of that side is a member."</summary>
    [Theory]
    [InlineData("web", "web-1 > db-1 tcp/80", "drop, out allow shop/p/r, in drop default")]
    [InlineData("db", "web-1 > db-1 tcp/80", "drop, out drop default, in allow shop/p/r")]
    [InlineData("web db", "web-1 > db-1 tcp/80", "allow, out allow shop/p/r, in allow shop/p/r")]
    [InlineData("web", "db-1 > web-1 tcp/80", "drop, out drop default, in allow shop/p/r")]
    [InlineData("10.2.0.0/24", "web-1 > db-1 tcp/80", "drop, out drop default, in allow shop/p/r")]
    [InlineData("web", "198.51.100.7 > db-1 tcp/80", "drop, in drop default")]
    [InlineData("198.51.100.0/24", "198.51.100.7 > db-1 tcp/80", "drop, in drop default")]
    [InlineData("web", "fd00:1::1 > fd00:2::1 tcp/80", "drop, out allow shop/p/r, in drop default")]
    public void Rule_counts_where_the_sides_address_is_in_appliedTo(string appliedTo, string connection, string decision) =>
        Assert.Equal(decision, World.Of([.. Groups, PolicyOf("p", Allow("r")).AppliedTo(appliedTo)]).Decide(connection));

    /// <summary>"default: everywhere"</summary>
    [Fact]
    public void Policy_without_appliedTo_is_enforced_everywhere() =>
        Assert.Equal("allow, out allow shop/p/r, in allow shop/p/r", World.Of(PolicyOf("p", Allow("r"))).Decide("web-1 > db-1 tcp/80"));

    [Fact]
    public void Policy_applied_to_a_group_without_members_is_enforced_nowhere() =>
        Assert.Equal("drop, out drop default, in drop default", World.Of(Group("nobody"), PolicyOf("p", Allow("r")).AppliedTo("nobody")).Decide("web-1 > db-1 tcp/80"));

    /// <summary>"from, to (the connection's source and destination, on either side)": in at the destination asks the same of both.</summary>
    [Theory]
    [InlineData("web", "db", "web-1 > db-1 tcp/80", "allow, out allow shop/p/r, in allow shop/p/r")]
    [InlineData("web", "db", "db-1 > web-1 tcp/80", "drop, out drop default, in drop default")]
    [InlineData("web", "db", "web-1 > web-2 tcp/80", "drop, out drop default, in drop default")]
    [InlineData("web", "db", "198.51.100.7 > db-1 tcp/80", "drop, in drop default")]
    [InlineData("web", "", "web-1 > 198.51.100.7 tcp/80", "allow, out allow shop/p/r")]
    [InlineData("", "db", "198.51.100.7 > db-1 tcp/80", "allow, in allow shop/p/r")]
    [InlineData("web db", "web db", "db-1 > web-2 tcp/80", "allow, out allow shop/p/r, in allow shop/p/r")]
    public void Rule_counts_where_both_ends_are_named(string from, string to, string connection, string decision) =>
        Assert.Equal(decision, World.Of([.. Groups, PolicyOf("p", Allow("r", from, to))]).Decide(connection));

    /// <summary>"a name is a group, a literal may be a CIDR"; external addresses are members by range alone.</summary>
    [Theory]
    [InlineData("198.51.100.0/24", "", "198.51.100.7 > web-1 tcp/80", "allow, in allow shop/p/r")]
    [InlineData("198.51.100.0/24", "", "198.51.101.7 > web-1 tcp/80", "drop, in drop default")]
    [InlineData("198.51.100.7/32", "", "198.51.100.7 > web-1 tcp/80", "allow, in allow shop/p/r")]
    [InlineData("198.51.100.7/32", "", "198.51.100.8 > web-1 tcp/80", "drop, in drop default")]
    [InlineData("198.51.100.0/25 198.51.100.128/25", "", "198.51.100.200 > web-1 tcp/80", "allow, in allow shop/p/r")]
    [InlineData("web 198.51.100.0/24", "", "198.51.100.200 > web-1 tcp/80", "allow, in allow shop/p/r")]
    [InlineData("", "198.51.100.0/24", "web-1 > 198.51.100.7 tcp/80", "allow, out allow shop/p/r")]
    [InlineData("0.0.0.0/0", "", "198.51.100.7 > web-1 tcp/80", "allow, in allow shop/p/r")]
    [InlineData("10.1.0.0/24", "", "web-1 > db-1 tcp/80", "allow, out allow shop/p/r, in allow shop/p/r")]
    [InlineData("2001:db8::/32", "", "2001:db8::7 > fd00:1::1 tcp/80", "allow, in allow shop/p/r")]
    public void Range_has_the_addresses_in_it(string from, string to, string connection, string decision) =>
        Assert.Equal(decision, World.Of([.. Groups, PolicyOf("p", Allow("r", from, to))]).Decide(connection));

    /// <summary>A range is of one family: not even ::/0 has an IPv4 address.</summary>
    [Theory]
    [InlineData("0.0.0.0/0", "fd00:1::2 > fd00:1::1 tcp/80")]
    [InlineData("::/0", "10.1.0.2 > 10.1.0.1 tcp/80")]
    [InlineData("::/1", "198.51.100.7 > 10.1.0.1 tcp/80")]
    [InlineData("::/64", "198.51.100.7 > 10.1.0.1 tcp/80")]
    public void Range_has_no_address_of_the_other_family(string from, string connection) =>
        Assert.Equal(Verdict.Drop, World.Of(PolicyOf("p", Allow("r", from))).VerdictOf(connection));

    /// <summary>"so does a CIDR written in from or to" count in every vrf of the tenant, and in no other.</summary>
    [Theory]
    [InlineData("10.1.0.2 > 10.1.0.1 tcp/80", Verdict.Allow)]
    [InlineData("shop/lab: 10.1.0.2 > 10.1.0.1 tcp/80", Verdict.Allow)]
    public void Range_counts_in_every_vrf_of_the_policys_tenant(string connection, Verdict verdict)
    {
        var world = World.Of(
            Network("lab", Vlan(103), "10.1.0.0/24", "shop/lab"),
            Workload("lab-1", "app=lab", Nic(21, "h1", "lab", "10.1.0.1")),
            PolicyOf("p", Allow("r", from: "10.1.0.0/24")));

        Assert.Equal(verdict, world.VerdictOf(connection));
    }

    /// <summary>A vrf of the tenant's is also one of another tenant's name that the tenant has a network in.</summary>
    [Theory]
    [InlineData("10.1.0.77 > 10.3.0.1 tcp/80", "allow, in allow bank/p/r")]
    [InlineData("bank/default: 10.1.0.77 > 10.1.0.9 tcp/80", "allow, in allow bank/p/r")]
    [InlineData("10.1.0.77 > 10.1.0.1 tcp/80", "drop, in drop default")]
    public void Range_counts_in_a_vrf_that_the_tenant_has_a_network_in(string connection, string decision) =>
        Assert.Equal(decision, World.Of(PolicyOf("bank/p", Allow("r", from: "10.1.0.0/24"))).Decide(connection));

    [Theory]
    [InlineData("10.1.0.77 > 10.3.0.1 tcp/80")]
    [InlineData("bank/default: 10.1.0.77 > 10.1.0.9 tcp/80")]
    [InlineData("10.1.0.77 > 10.1.0.1 tcp/80")]
    public void Range_of_system_counts_in_every_vrf(string connection) =>
        Assert.Equal(Verdict.Allow, World.Of(PolicyOf("system/p", Allow("r", from: "10.1.0.0/24"))).VerdictOf(connection));

    /// <summary>"A name may be tenant/name, if that group or service says shared: true": its members are still its own tenant's.</summary>
    [Theory]
    [InlineData("bank/teller > web-1 tcp/80", "drop, out drop default, in allow shop/p/r")]
    [InlineData("web-2 > web-1 tcp/80", "drop, out drop default, in drop default")]
    [InlineData("bank/teller > web-1 tcp/81", "drop, out drop default, in drop default")]
    public void Shared_names_mean_what_they_mean_to_their_tenant(string connection, string decision)
    {
        var world = World.Of(
            Group("bank/web", Selected("app = web")).Shared(),
            Service("bank/http", "tcp/80", shared: true),
            PolicyOf("p", Allow("r", from: "bank/web", services: "bank/http")));

        Assert.Equal(decision, world.Decide(connection));
    }
}
