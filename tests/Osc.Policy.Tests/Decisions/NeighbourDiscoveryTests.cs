using Osc.Model;
using Osc.Policy.Decisions;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Decisions;

/// <summary>"ARP and IPv6 neighbour discovery pass subject to the spoof guard." A workload is no router.</summary>
public sealed class NeighbourDiscoveryTests
{
    [Theory]
    [InlineData("fd00:1::1", "fd00:1::2", 133, Verdict.Allow)]
    [InlineData("fd00:1::1", "ff02::2", 133, Verdict.Allow)]
    [InlineData("fd00:1::1", "ff02::1:ff00:2", 135, Verdict.Allow)]
    [InlineData("fd00:1::1", "fd00:1::2", 135, Verdict.Allow)]
    [InlineData("fd00:1::1", "fd00:1::2", 136, Verdict.Allow)]
    [InlineData("fd00:1::1", "ff02::1", 136, Verdict.Allow)]
    [InlineData("fd00:1::1", "ff02::1", 134, Verdict.Drop)]
    [InlineData("fd00:1::1", "fd00:1::2", 137, Verdict.Drop)]
    [InlineData("fe80::1", "ff02::1", 134, Verdict.Allow)]
    [InlineData("fe80::1", "fd00:1::2", 134, Verdict.Allow)]
    [InlineData("fe80::1", "fd00:1::2", 137, Verdict.Allow)]
    [InlineData("fd00:1::1", "fd00:1::2", 132, Verdict.Drop)]
    [InlineData("fd00:1::1", "fd00:1::2", 138, Verdict.Drop)]
    [InlineData("fd00:1::1", "fd00:1::2", 128, Verdict.Drop)]
    public void Messages_pass_without_policy_but_for_what_only_a_router_says(string source, string destination, int type, Verdict verdict)
    {
        var connection = new Connection(ShopVrf, IpAddress.Parse(source), IpAddress.Parse(destination), IpProtocol.IcmpV6, IcmpType: (byte)type);

        Assert.Equal(verdict, Decider.Decide(World.Of().State, connection).Verdict);
    }

    /// <summary>The types are ICMPv6's: in IPv4 they are nothing special.</summary>
    [Fact]
    public void Same_type_of_ICMP_is_for_policy_to_decide() => Assert.Equal("drop, out drop default, in drop default", World.Of().Decide("web-1 > web-2 icmp/135"));

    /// <summary>Policy is not asked, so it cannot forbid it.</summary>
    [Fact]
    public void Policy_cannot_forbid_neighbour_discovery() =>
        Assert.Equal(Verdict.Allow, World.Of(PolicyOf("p", Drop("none"))).VerdictOf("fd00:1::1 > fd00:1::2 icmpv6/135"));
}
