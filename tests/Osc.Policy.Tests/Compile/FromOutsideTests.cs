using Osc.Flows.Simulation;
using Osc.Model;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>What uplinks bring in without policy: ARP and neighbour discovery, a router's own messages among it, and no other EtherType.</summary>
public sealed class FromOutsideTests
{
    private static readonly Endpoint Router = At.Outside("fe80::1");
    private static readonly Endpoint Somebody = At.Outside("10.1.0.77");

    public static TheoryData<string, Packet, string> Frames => new()
    {
        { "an ARP request", Packet.ArpRequest(Somebody, IpAddress.Parse("10.1.0.1")), "vif1.0 vif2.0" },
        { "an ARP reply", Packet.ArpReply(Somebody, At.Nic(1, "10.1.0.1")), "vif1.0" },
        { "a neighbour solicitation", Packet.NeighbourSolicitation(At.Outside("fd00:1::77"), IpAddress.Parse("fd00:1::1")), "vif1.0 vif2.0" },
        { "a neighbour advertisement", Packet.NeighbourAdvertisement(At.Outside("fd00:1::77"), At.Nic(1, "fd00:1::1")), "vif1.0" },
        { "a router advertisement", Packet.Icmpv6(Router, At.Many("ff02::1"), 134) with { Ttl = 255 }, "vif1.0 vif2.0" },
        { "a router advertisement to one", Packet.Icmpv6(Router, At.Nic(2, "fd00:1::2"), 134) with { Ttl = 255 }, "vif2.0" },
        { "a redirect", Packet.Icmpv6(Router, At.Nic(1, "fd00:1::1"), 137) with { Ttl = 255 }, "vif1.0" },
        { "a router advertisement that was forwarded", Packet.Icmpv6(Router, At.Many("ff02::1"), 134) with { Ttl = 254 }, "" },
        { "a neighbour advertisement that was forwarded", Packet.NeighbourAdvertisement(At.Outside("fd00:1::77"), At.Nic(1, "fd00:1::1")) with { Ttl = 64 }, "" },
        { "a redirect that was forwarded", Packet.Icmpv6(Router, At.Nic(1, "fd00:1::1"), 137) with { Ttl = 1 }, "" },
        { "an echo request", Packet.Icmpv6(Router, At.Nic(1, "fd00:1::1"), 128) with { Ttl = 255 }, "" },
        { "LLDP", new() { EthSrc = At.Stranger, EthDst = MacAddress.Parse("01:80:c2:00:00:0e"), EthType = 0x88cc }, "" },
        { "MPLS", new() { EthSrc = At.Stranger, EthDst = MacOf(1), EthType = 0x8847 }, "" },
        { "TCP", Packet.Tcp(Somebody, At.Nic(1, "10.1.0.1"), 80), "" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void Frame_from_an_uplink_reaches(string what, Packet packet, string ports)
    {
        var bridge = SimulatedBridge.Of(
            Network("front", Vlan(101), "10.1.0.0/24 fd00:1::/64"),
            Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1")),
            Workload("b", "app=b", Nic(2, "h1", "front", "10.1.0.2 fd00:1::2")));

        Assert.Equal($"{what}: {ports}", $"{what}: {bridge.Send("trunk", packet with { Vlan = 101 })}");
    }
}
