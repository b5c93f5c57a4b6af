using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>
/// "IP multicast and broadcast pass only for DHCP and neighbour discovery, unless the Network says multicast: true. Other
/// EtherTypes do not pass." What a network lets pass is for policy to decide, as any connection is.
/// </summary>
public sealed class ManyReceiversTests
{
    private static readonly Endpoint Me = At.Nic(1, "10.1.0.1");
    private static readonly Endpoint Me6 = At.Nic(1, "fd00:1::1");

    /// <summary>Front with two local workloads and a pair (10.4.0.0/31); back, in the same vrf, is on another host.</summary>
    private static World World(bool front, bool back, params Document[] intent) => Tests.World.OfOnly([
        Host("h1"),
        Host("h2"),
        Network("front", Vlan(101), "10.1.0.0/24 10.4.0.0/31 fd00:1::/64", multicast: front),
        Network("back", Vlan(102), "10.2.0.0/25", multicast: back),
        Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1")),
        Workload("b", "app=b", Nic(2, "h1", "front", "10.1.0.2 10.4.0.1 fd00:1::2")),
        Workload("c", "app=c", Nic(3, "h2", "back", "10.2.0.1")),
        .. intent]);

    private static readonly Document AllowAll = PolicyOf("p", Allow("all"));

    public static TheoryData<string, Packet> ToMany => new()
    {
        { "multicast", Packet.Udp(Me, At.Many("239.1.1.1"), 5000) },
        { "local multicast", Packet.Udp(Me, At.Many("224.0.0.251"), 5353) },
        { "IPv6 multicast", Packet.Udp(Me6, At.Many("ff02::fb"), 5353) },
        { "wide IPv6 multicast", Packet.Udp(Me6, At.Many("ff0e::1"), 5000) },
        { "limited broadcast", Packet.Udp(Me, At.All("255.255.255.255"), 137) },
        { "directed broadcast", Packet.Udp(Me, At.All("10.1.0.255"), 137) },
        { "a listener report", Packet.Icmpv6(Me6, At.Many("ff02::16"), 143) },
        { "a membership report", Packet.OtherProtocol(Me, At.Many("224.0.0.22"), 2) },
        { "an echo request", Packet.Icmp(Me, At.All("10.1.0.255"), 8) },
    };

    [Theory]
    [MemberData(nameof(ToMany))]
    public void Packet_to_many_does_not_pass_unless_its_network_says_so(string what, Packet packet)
    {
        Assert.Equal($"{what}: ", $"{what}: {SimulatedBridge.Of(World(false, false, AllowAll)).Send("vif1.0", packet)}");
        Assert.Equal($"{what}: trunk vif2.0", $"{what}: {SimulatedBridge.Of(World(true, false, AllowAll)).Send("vif1.0", packet)}");
        Assert.Equal($"{what}: ", $"{what}: {SimulatedBridge.Of(World(true, false)).Send("vif1.0", packet)}");
    }

    [Theory]
    [MemberData(nameof(ToMany))]
    public void Packet_to_many_from_outside_goes_to_local_ports_alone(string what, Packet packet)
    {
        var foreign = packet with { EthSrc = At.Stranger, Source = IpAddress.Parse(packet.IsIPv4 ? "10.1.0.77" : "fd00:1::77"), Vlan = 101 };

        Assert.Equal($"{what}: ", $"{what}: {SimulatedBridge.Of(World(false, false, AllowAll)).Send("trunk", foreign)}");
        Assert.Equal($"{what}: vif1.0 vif2.0", $"{what}: {SimulatedBridge.Of(World(true, false, AllowAll)).Send("trunk", foreign)}");
    }

    /// <summary>A frame for many in Ethernet that carries a packet for one is not for many: the delivery guard keeps it.</summary>
    [Fact]
    public void Unicast_packet_in_a_broadcast_frame_does_not_pass()
    {
        var bridge = SimulatedBridge.Of(World(true, true, AllowAll));

        Assert.Equal("", bridge.Send("vif1.0", Packet.Tcp(Me, At.All("10.1.0.2"), 80)));
        Assert.Equal("", bridge.Send("vif1.0", Packet.Tcp(Me, At.All("198.51.100.7"), 80)));
        Assert.Equal("", bridge.Send("vif1.0", Packet.Tcp(Me, new(At.Many("224.0.0.1").Mac, IpAddress.Parse("10.1.0.2")), 80)));
    }

    /// <summary>The directed broadcast address of any network of the vrf counts, and with it that network's word.</summary>
    [Theory]
    [InlineData(true, false, "")]
    [InlineData(false, true, "trunk")]
    public void Directed_broadcast_to_another_network_passes_by_that_networks_word(bool front, bool back, string ports) =>
        Assert.Equal(ports, SimulatedBridge.Of(World(front, back, AllowAll)).Send("vif1.0", Packet.Udp(Me, At.Outside("10.2.0.127"), 137)));

    /// <summary>RFC 3021: a subnet of two addresses has no broadcast address, so the last one is a workload's.</summary>
    [Fact]
    public void Last_address_of_a_pair_is_an_address_like_any_other() =>
        Assert.Equal("vif2.0", SimulatedBridge.Of(World(false, false, AllowAll)).Send("vif1.0", Packet.Udp(Me, At.Nic(2, "10.4.0.1"), 137)));

    /// <summary>Decide says the same.</summary>
    [Theory]
    [InlineData("10.1.0.1", "239.1.1.1", false, false, Verdict.Drop)]
    [InlineData("10.1.0.1", "239.1.1.1", true, false, Verdict.Allow)]
    [InlineData("10.1.0.1", "239.1.1.1", false, true, Verdict.Drop)]
    [InlineData("10.2.0.1", "239.1.1.1", false, true, Verdict.Allow)]
    [InlineData("fd00:1::1", "ff02::fb", false, false, Verdict.Drop)]
    [InlineData("fd00:1::1", "ff02::fb", true, false, Verdict.Allow)]
    [InlineData("10.1.0.1", "255.255.255.255", false, false, Verdict.Drop)]
    [InlineData("10.1.0.1", "255.255.255.255", true, false, Verdict.Allow)]
    [InlineData("10.1.0.1", "10.1.0.255", false, true, Verdict.Drop)]
    [InlineData("10.1.0.1", "10.1.0.255", true, false, Verdict.Allow)]
    [InlineData("10.1.0.1", "10.2.0.127", true, false, Verdict.Drop)]
    [InlineData("10.1.0.1", "10.2.0.127", false, true, Verdict.Allow)]
    [InlineData("10.1.0.1", "10.2.0.255", false, false, Verdict.Allow)]
    [InlineData("10.1.0.1", "10.4.0.1", false, false, Verdict.Allow)]
    [InlineData("10.1.0.77", "239.1.1.1", true, false, Verdict.Allow)]
    [InlineData("10.1.0.77", "239.1.1.1", false, false, Verdict.Drop)]
    [InlineData("198.51.100.7", "239.1.1.1", true, true, Verdict.Drop)]
    public void Decide_asks_the_network_before_policy(string source, string destination, bool front, bool back, Verdict verdict)
    {
        var connection = new Connection(ShopVrf, IpAddress.Parse(source), IpAddress.Parse(destination), IpProtocol.Udp, 5000);

        Assert.Equal(verdict, Decider.Decide(World(front, back, AllowAll).State, connection).Verdict);
    }

    [Fact]
    public void Policy_decides_what_a_network_lets_pass()
    {
        var world = World(true, false, PolicyOf("p", Allow("mdns", to: "224.0.0.251/32", services: "udp/5353")));
        var bridge = SimulatedBridge.Of(world);

        Assert.Equal("trunk vif2.0", bridge.Send("vif1.0", Packet.Udp(Me, At.Many("224.0.0.251"), 5353)));
        Assert.Equal("", bridge.Send("vif1.0", Packet.Udp(Me, At.Many("224.0.0.251"), 5354)));
        Assert.Equal("", bridge.Send("vif1.0", Packet.Udp(Me, At.Many("239.1.1.1"), 5353)));
    }
}
