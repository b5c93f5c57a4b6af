using Osc.Flows.Simulation;
using Osc.Model;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>
/// "A workload sends only from its own MAC and addresses (spoof guard); what it may not send never reaches policy. A switch
/// port that no workload claims passes nothing, from its first packet." Everything is allowed by policy here.
/// </summary>
public sealed class SpoofGuardTests
{
    private const byte RouterSolicitation = 133;
    private const byte NeighbourSolicitation = 135;

    private static readonly Endpoint Me = At.Nic(1, "10.1.0.1");
    private static readonly Endpoint Peer = At.Nic(2, "10.1.0.2");
    private static readonly Endpoint Me6 = At.Nic(1, "fd00:1::1");
    private static readonly Endpoint Peer6 = At.Nic(2, "fd00:1::2");
    private static readonly Endpoint MyLinkLocal = new(MacOf(1), MacOf(1).LinkLocal);

    /// <summary>Two workloads on ports vif1.0 and vif2.0, the first with two addresses of a family, and a third with IPv6 alone.</summary>
    private static SimulatedBridge Bridge() => SimulatedBridge.Of(
        Network("front", Vlan(101), "10.1.0.0/24 fd00:1::/64"),
        Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1 10.1.0.101 fd00:1::1")),
        Workload("b", "app=b", Nic(2, "h1", "front", "10.1.0.2 fd00:1::2")),
        Workload("c", "app=c", Nic(3, "h1", "front", "fd00:1::3")),
        PolicyOf("p", Allow("all")));

    public static TheoryData<string, Packet> Forgeries => new()
    {
        { "another MAC", Packet.Tcp(Me with { Mac = MacOf(9) }, Peer, 80) },
        { "a neighbour's MAC", Packet.Tcp(Me with { Mac = MacOf(2) }, At.Nic(3, "10.1.0.3"), 80) },
        { "a neighbour's address", Packet.Tcp(At.Nic(1, "10.1.0.2"), Peer, 80) },
        { "another address", Packet.Tcp(At.Nic(1, "10.1.0.3"), Peer, 80) },
        { "an address of another network", Packet.Udp(At.Nic(1, "10.2.0.1"), Peer, 80) },
        { "no address", Packet.Udp(At.Nic(1, "0.0.0.0"), Peer, 80) },
        { "the broadcast address", Packet.Udp(At.Nic(1, "255.255.255.255"), Peer, 80) },
        { "another IPv6 address", Packet.Tcp(At.Nic(1, "fd00:1::4"), Peer6, 80) },
        { "a neighbour's IPv6 address", Packet.Tcp(At.Nic(1, "fd00:1::2"), Peer6, 80) },
        { "TCP from the link-local address", Packet.Tcp(MyLinkLocal, Peer6, 80) },
        { "an echo request from ::", Packet.Icmpv6(At.Nic(1, "::"), Peer6, 128) },
        { "a VLAN tag", Packet.Tcp(Me, Peer, 80) with { Vlan = 101 } },
        { "another VLAN's tag", Packet.Tcp(Me, Peer, 80) with { Vlan = 102 } },
        { "a priority tag", Packet.Tcp(Me, Peer, 80) with { Vlan = 0 } },
        { "a tagged ARP request", Packet.ArpRequest(Me, Peer.Address) with { Vlan = 101 } },
        { "ARP for a neighbour's address", Packet.ArpRequest(At.Nic(1, "10.1.0.2"), Peer.Address) },
        { "gratuitous ARP for another address", Packet.ArpRequest(At.Nic(1, "10.1.0.254"), IpAddress.Parse("10.1.0.254")) },
        { "an ARP reply for another address", Packet.ArpReply(At.Nic(1, "10.1.0.254"), Peer) },
        { "an ARP reply with a neighbour's MAC inside", Packet.ArpReply(Me, Peer) with { ArpSha = MacOf(3) } },
        { "an ARP request with another MAC inside", Packet.ArpRequest(Me, Peer.Address) with { ArpSha = MacOf(9) } },
        { "an ARP probe with another MAC inside", Packet.ArpRequest(At.Nic(1, "0.0.0.0"), Peer.Address) with { ArpSha = MacOf(9) } },
        { "an ARP reply from 0.0.0.0", Packet.ArpReply(At.Nic(1, "0.0.0.0"), Peer) },
        { "an advertisement of a neighbour's address", Packet.NeighbourAdvertisement(Me6, Peer6) with { NdTarget = IpAddress.Parse("fd00:1::3") } },
        { "an advertisement of another address without the option", Packet.NeighbourAdvertisement(Me6, Peer6) with { NdTarget = IpAddress.Parse("fd00:1::9"), NdTll = default } },
        { "an advertisement with another MAC", Packet.NeighbourAdvertisement(Me6, Peer6) with { NdTll = MacOf(3) } },
        { "an advertisement that was forwarded", Packet.NeighbourAdvertisement(Me6, Peer6) with { Ttl = 254 } },
        { "a solicitation with another MAC", Packet.NeighbourSolicitation(Me6, Peer6.Address) with { NdSll = MacOf(3) } },
        { "a solicitation from another address", Packet.NeighbourSolicitation(At.Nic(1, "fd00:1::3"), Peer6.Address) },
        { "a solicitation that was forwarded", Packet.NeighbourSolicitation(Me6, Peer6.Address) with { Ttl = 64 } },
        { "duplicate address detection for another address", DuplicateAddressDetection("fd00:1::2") },
        { "duplicate address detection with a hop limit of 64", DuplicateAddressDetection("fd00:1::1") with { Ttl = 64 } },
        { "a router advertisement", Packet.Icmpv6(MyLinkLocal, At.Many("ff02::1"), 134) with { Ttl = 255 } },
        { "a router advertisement from an own address", Packet.Icmpv6(Me6, Peer6, 134) with { Ttl = 255 } },
        { "a redirect", Packet.Icmpv6(Me6, Peer6, 137) with { Ttl = 255 } },
        { "a router solicitation from another address", Packet.Icmpv6(At.Nic(1, "fd00:1::2"), At.Many("ff02::2"), RouterSolicitation) with { Ttl = 255 } },
        { "a router solicitation that was forwarded", Packet.Icmpv6(Me6, At.Many("ff02::2"), RouterSolicitation) with { Ttl = 64 } },
        { "a neighbour solicitation with a code", Packet.NeighbourSolicitation(Me6, Peer6.Address) with { IcmpCode = 1 } },
        { "LLDP", new() { EthSrc = Me.Mac, EthDst = MacAddress.Parse("01:80:c2:00:00:0e"), EthType = 0x88cc } },
        { "spanning tree in LLC", new() { EthSrc = Me.Mac, EthDst = MacAddress.Parse("01:80:c2:00:00:00"), EthType = 0x05ff } },
        { "MPLS", new() { EthSrc = Me.Mac, EthDst = Peer.Mac, EthType = 0x8847 } },
        { "PPPoE discovery", new() { EthSrc = Me.Mac, EthDst = At.Broadcast, EthType = 0x8863 } },
        { "RARP", new() { EthSrc = Me.Mac, EthDst = At.Broadcast, EthType = 0x8035 } },
        { "a stacked VLAN", new() { EthSrc = Me.Mac, EthDst = Peer.Mac, EthType = 0x88a8 } },
    };

    public static TheoryData<string, Packet, string> Honest => new()
    {
        { "TCP", Packet.Tcp(Me, Peer, 80), "vif2.0" },
        { "the second address", Packet.Tcp(At.Nic(1, "10.1.0.101"), Peer, 80), "vif2.0" },
        { "IPv6", Packet.Tcp(Me6, Peer6, 80), "vif2.0" },
        { "an ARP request", Packet.ArpRequest(Me, Peer.Address), "trunk vif2.0 vif3.0" },
        { "a unicast ARP request", Packet.ArpRequest(Me, Peer.Address) with { EthDst = Peer.Mac }, "vif2.0" },
        { "a gratuitous ARP request", Packet.ArpRequest(Me, Me.Address), "trunk vif2.0 vif3.0" },
        { "ARP from the second address", Packet.ArpRequest(At.Nic(1, "10.1.0.101"), Peer.Address), "trunk vif2.0 vif3.0" },
        { "an ARP reply", Packet.ArpReply(Me, Peer), "vif2.0" },
        { "an ARP probe", Packet.ArpRequest(At.Nic(1, "0.0.0.0"), Me.Address), "trunk vif2.0 vif3.0" },
        { "a neighbour solicitation", Packet.NeighbourSolicitation(Me6, Peer6.Address), "trunk vif2.0 vif3.0" },
        { "a solicitation from the link-local address", Packet.NeighbourSolicitation(MyLinkLocal, Peer6.Address), "trunk vif2.0 vif3.0" },
        { "a unicast solicitation without the option", UnreachabilityProbe(), "vif2.0" },
        { "a neighbour advertisement", Packet.NeighbourAdvertisement(Me6, Peer6), "vif2.0" },
        { "an unsolicited advertisement", Packet.NeighbourAdvertisement(Me6, At.Many("ff02::1")), "trunk vif2.0 vif3.0" },
        { "an advertisement without the option", Packet.NeighbourAdvertisement(Me6, Peer6) with { NdTll = default }, "vif2.0" },
        { "an advertisement of the link-local address", Packet.NeighbourAdvertisement(MyLinkLocal, Peer6), "vif2.0" },
        { "duplicate address detection", DuplicateAddressDetection("fd00:1::1"), "trunk vif2.0 vif3.0" },
        { "duplicate address detection of the link-local address", DuplicateAddressDetection(MacOf(1).LinkLocal.ToString()), "trunk vif2.0 vif3.0" },
        { "a router solicitation", Packet.Icmpv6(MyLinkLocal, At.Many("ff02::2"), RouterSolicitation) with { Ttl = 255 }, "trunk vif2.0 vif3.0" },
        { "a router solicitation from ::", Packet.Icmpv6(At.Nic(1, "::"), At.Many("ff02::2"), RouterSolicitation) with { Ttl = 255 }, "trunk vif2.0 vif3.0" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void Port_does_not_pass(string what, Packet packet)
    {
        var result = Bridge().Run("vif1.0", packet);

        Assert.True(result.IsDropped, $"{what} went out of {string.Join(' ', result.Outputs)}");
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void What_a_port_may_not_send_never_reaches_policy(string what, Packet packet)
    {
        var trace = Bridge().Run("vif1.0", packet).Trace;

        Assert.All(trace, step => Assert.True(step.Table < 3, $"{what} reached {step}"));
    }

    [Theory]
    [MemberData(nameof(Honest))]
    public void Port_passes(string what, Packet packet, string ports) => Assert.Equal($"{what}: {ports}", $"{what}: {Bridge().Send("vif1.0", packet)}");

    /// <summary>A DHCP client's first question comes from no address, and one flow lets it in from all ports; but not from those that have IPv6 alone.</summary>
    [Fact]
    public void Port_asks_for_an_address_of_a_family_that_it_has()
    {
        Packet Asking(int nic) => Packet.Udp(At.Nic(nic, "0.0.0.0"), At.All("255.255.255.255"), 67, 68);

        Assert.Equal("trunk vif2.0 vif3.0", Bridge().Send("vif1.0", Asking(1)));
        Assert.Equal("", Bridge().Send("vif3.0", Asking(3)));
        Assert.Equal("", Bridge().Send("vif1.0", Asking(2)));
        Assert.Equal("", Bridge().Send("vif9.0", Asking(9)));
    }

    /// <summary>The IPv4 probe is for interfaces that have IPv4.</summary>
    [Fact]
    public void Port_without_an_IPv4_address_sends_no_ARP() => Assert.Equal("", Bridge().Send("vif3.0", Packet.ArpRequest(At.Nic(3, "0.0.0.0"), Peer.Address)));

    /// <summary>"A switch port that no workload claims passes nothing, from its first packet."</summary>
    [Theory]
    [MemberData(nameof(Honest))]
    public void Port_that_nobody_claims_passes_nothing(string what, Packet packet, string ports)
    {
        var bridge = Bridge();

        Assert.True(bridge.Send("vif9.0", packet).Length == 0, $"{what} to {ports} passed");
        Assert.Equal("", bridge.Send("vif9.0", packet with { EthSrc = MacOf(9) }));
    }

    [Fact]
    public void Nothing_is_ever_sent_to_a_port_that_nobody_claims()
    {
        var claimed = new[] { Port("vif1.0"), Port("vif2.0"), Port("vif3.0"), Port("trunk") }.ToHashSet();
        var named = Bridge().Compiled.Flows.Bridges[0].Flows.SelectMany(f => f.Actions.OfType<Osc.Flows.Output>()).Select(o => o.Port).ToHashSet();

        Assert.Equal(claimed, named);
    }

    /// <summary>A workload that is attached nowhere has no port here.</summary>
    [Fact]
    public void Interface_without_a_place_has_no_flows_by_port()
    {
        var bridge = SimulatedBridge.Of(
            Network("front", Vlan(101), "10.1.0.0/24"),
            Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1")),
            Workload("b", "app=b", Nic(2, null, "front", "10.1.0.2")),
            PolicyOf("p", Allow("all")));

        Assert.Equal("", bridge.Send("vif2.0", Packet.Tcp(Peer, Me, 80)));
        Assert.Equal("trunk", bridge.Send("vif1.0", Packet.Tcp(Me, Peer, 80)));
    }

    private static Packet DuplicateAddressDetection(string target) =>
        Packet.NeighbourSolicitation(At.Nic(1, "::"), IpAddress.Parse(target)) with { NdSll = default };

    /// <summary>Neighbour unreachability detection may leave the option out (RFC 4861, 4.3: "SHOULD be included in unicast solicitations").</summary>
    private static Packet UnreachabilityProbe() =>
        Packet.Icmpv6(Me6, Peer6, NeighbourSolicitation) with { NdTarget = Peer6.Address, Ttl = 255 };
}
