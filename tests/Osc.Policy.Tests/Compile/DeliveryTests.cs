using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>Where frames go: the delivery guard, uplinks of every segment type, hosts with two bridges.</summary>
public sealed class DeliveryTests
{
    private static readonly Document AllowAll = PolicyOf("p", Allow("all"));

    private static readonly Document[] Two =
    [
        Network("front", Vlan(101), "10.1.0.0/24 fd00:1::/64"),
        Network("back", Vlan(102), "10.2.0.0/24"),
        Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1")),
        Workload("b", "app=b", Nic(2, "h1", "front", "10.1.0.2 fd00:1::2")),
        Workload("c", "app=c", Nic(3, "h1", "back", "10.2.0.3")),
        AllowAll,
    ];

    /// <summary>Policy decides by IP address, delivery by MAC: a frame whose two do not belong together reaches nobody.</summary>
    [Fact]
    public void Frame_to_a_neighbours_MAC_with_anothers_address_is_not_delivered()
    {
        var bridge = SimulatedBridge.Of(Two);

        Assert.Equal("vif2.0", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Nic(2, "10.1.0.2"), 80)));
        Assert.Equal("", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Nic(2, "10.1.0.9"), 80)));
        Assert.Equal("", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Nic(2, "198.51.100.7"), 80)));
        Assert.Equal("", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "fd00:1::1"), At.Nic(2, "fd00:1::9"), 80)));
        Assert.Equal("", bridge.Send("trunk", Packet.Tcp(At.Outside("198.51.100.7"), At.Nic(2, "10.1.0.1"), 80) with { Vlan = 101 }));
    }

    /// <summary>And so the rule for one workload cannot be used to reach another: only c is open.</summary>
    [Fact]
    public void Permission_to_reach_one_address_does_not_reach_another_workload()
    {
        var bridge = SimulatedBridge.Of([.. Two[..^1], Group("c", OfWorkload("c")), PolicyOf("p", Allow("to-c", to: "c"))]);

        Assert.Equal("", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Nic(2, "10.2.0.3"), 80)));
        Assert.Equal("trunk", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("10.2.0.3"), 80)));
    }

    /// <summary>Networks are segments: a frame to the MAC of a workload in another network goes to the uplink, as a router's would.</summary>
    [Fact]
    public void Frame_does_not_cross_from_network_to_network()
    {
        var bridge = SimulatedBridge.Of(Two);

        Assert.Equal("trunk", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Nic(3, "10.2.0.3"), 80)));
        Assert.Equal("trunk vif2.0", bridge.Send("vif1.0", Packet.ArpRequest(At.Nic(1, "10.1.0.1"), IpAddress.Parse("10.2.0.3"))));
        Assert.Equal("", bridge.Send("trunk", Packet.Tcp(At.Outside("198.51.100.7"), At.Nic(3, "10.2.0.3"), 80) with { Vlan = 101 }));
        Assert.Equal("vif3.0", bridge.Send("trunk", Packet.Tcp(At.Outside("198.51.100.7"), At.Nic(3, "10.2.0.3"), 80) with { Vlan = 102 }));
    }

    [Theory]
    [InlineData(101, "vif1.0 vif2.0")]
    [InlineData(102, "vif3.0")]
    [InlineData(103, "")]
    [InlineData(0, "")]
    [InlineData(null, "")]
    public void Uplink_passes_the_tags_of_networks_that_are_here(int? vlan, string ports) =>
        Assert.Equal(ports, SimulatedBridge.Of(Two).Send("trunk", Packet.ArpRequest(At.Outside("10.1.0.77"), IpAddress.Parse("10.1.0.1")) with { Vlan = (ushort?)vlan }));

    [Fact]
    public void Frame_leaves_by_the_uplink_with_its_networks_tag_and_arrives_without()
    {
        var bridge = SimulatedBridge.Of(Two);

        var there = Assert.Single(bridge.Run("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.7"), 80)).Outputs);
        var here = Assert.Single(bridge.Run("trunk", Packet.Tcp(At.Outside("198.51.100.7"), At.Nic(1, "10.1.0.1"), 80) with { Vlan = 101 }).Outputs);

        Assert.Equal((ushort?)101, there.Packet.Vlan);
        Assert.Null(here.Packet.Vlan);
    }

    /// <summary>To a port the frame is untagged, to the uplinks it is tagged, in one flood too.</summary>
    [Fact]
    public void Flood_tags_for_uplinks_alone()
    {
        var outputs = SimulatedBridge.Of(Two).Run("vif1.0", Packet.ArpRequest(At.Nic(1, "10.1.0.1"), IpAddress.Parse("10.1.0.2"))).Outputs;

        Assert.Equal(["trunk 101", "vif2.0 "], outputs.Select(o => $"{o.Port} {o.Packet.Vlan}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Network_by_tunnel_key_passes_its_key_alone()
    {
        var bridge = SimulatedBridge.Of(
            Network("red", Vni(5001), "10.1.0.0/24"),
            Network("blue", Vni(5002), "10.2.0.0/24"),
            Workload("a", "app=a", Nic(1, "h1", "red", "10.1.0.1")),
            Workload("b", "app=b", Nic(2, "h1", "blue", "10.2.0.2")),
            AllowAll);
        var arrives = Packet.Tcp(At.Outside("198.51.100.7"), At.Nic(1, "10.1.0.1"), 80);

        Assert.Equal("vif1.0", bridge.Send("trunk", arrives with { TunnelId = 5001 }));
        Assert.Equal("", bridge.Send("trunk", arrives with { TunnelId = 5002 }));
        Assert.Equal("", bridge.Send("trunk", arrives));
        Assert.Equal("", bridge.Send("trunk", arrives with { TunnelId = 5001, Vlan = 101 }));
        Assert.Equal(5001UL, Assert.Single(bridge.Run("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.7"), 80)).Outputs).Packet.TunnelId);
        Assert.Equal(5002UL, Assert.Single(bridge.Run("vif2.0", Packet.Tcp(At.Nic(2, "10.2.0.2"), At.Outside("198.51.100.7"), 80)).Outputs).Packet.TunnelId);
    }

    [Fact]
    public void Untagged_network_passes_untagged_frames_alone()
    {
        var bridge = SimulatedBridge.Of(
            Network("flat", Segment.Untagged, "10.1.0.0/24"),
            Network("front", Vlan(101), "10.2.0.0/24"),
            Workload("a", "app=a", Nic(1, "h1", "flat", "10.1.0.1")),
            Workload("b", "app=b", Nic(2, "h1", "front", "10.2.0.2")),
            AllowAll);
        var arrives = Packet.Tcp(At.Outside("198.51.100.7"), At.Nic(1, "10.1.0.1"), 80);

        Assert.Equal("vif1.0", bridge.Send("trunk", arrives));
        Assert.Equal("", bridge.Send("trunk", arrives with { Vlan = 101 }));
        Assert.Equal("", bridge.Send("trunk", arrives with { Vlan = 7 }));
        Assert.Null(Assert.Single(bridge.Run("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.7"), 80)).Outputs).Packet.Vlan);
    }

    /// <summary>What came from an uplink never goes back to one, or a network with two uplinks would be a loop.</summary>
    [Fact]
    public void Frame_never_goes_from_uplink_to_uplink()
    {
        var bridge = SimulatedBridge.Of(World.OfOnly([Host("h1", "br-int trunk-a trunk-b"), .. Two]));
        var stranger = At.Outside("10.1.0.78") with { Mac = MacAddress.Parse("02:ee:00:00:00:02") };

        Assert.Equal("", bridge.Send("trunk-a", Packet.Tcp(At.Outside("10.1.0.77"), stranger, 80) with { Vlan = 101 }));
        Assert.Equal("vif1.0 vif2.0", bridge.Send("trunk-a", Packet.ArpRequest(At.Outside("10.1.0.77"), stranger.Address) with { Vlan = 101 }));
        Assert.Equal("trunk-a trunk-b vif2.0", bridge.Send("vif1.0", Packet.ArpRequest(At.Nic(1, "10.1.0.1"), stranger.Address)));
        Assert.Equal("trunk-a trunk-b", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), stranger, 80)));
    }

    [Fact]
    public void Bridge_without_uplinks_delivers_among_its_ports_alone()
    {
        var bridge = SimulatedBridge.Of(World.OfOnly([Host("h1", "br-int"), .. Two]));

        Assert.Equal("vif2.0", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Nic(2, "10.1.0.2"), 80)));
        Assert.Equal("vif2.0", bridge.Send("vif1.0", Packet.ArpRequest(At.Nic(1, "10.1.0.1"), IpAddress.Parse("10.1.0.2"))));
        Assert.Equal("", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.7"), 80)));
    }

    /// <summary>Each bridge has the ports, networks and flows of its own interfaces; the host's first is meant where none is named.</summary>
    [Fact]
    public void Bridges_of_a_host_know_nothing_of_each_other()
    {
        var world = World.OfOnly(
            Host("h1", "br-int trunk", "br-dmz trunk2"),
            Network("front", Vlan(101), "10.1.0.0/24"),
            Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1")),
            Workload("b", "app=b", Nic(2, "h1/br-dmz", "front", "10.1.0.2")),
            AllowAll);
        var (first, second) = (SimulatedBridge.Of(world), SimulatedBridge.Of(world, bridge: "br-dmz"));
        var packet = Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Nic(2, "10.1.0.2"), 80);

        Assert.Equal("trunk", first.Send("vif1.0", packet));
        Assert.Equal("", second.Send("vif1.0", packet));
        Assert.Equal("", second.Send("trunk", packet with { Vlan = 101 }));
        Assert.Equal("vif2.0", second.Send("trunk2", packet with { Vlan = 101 }));
        Assert.Equal("", first.Send("vif2.0", Packet.ReplyTo(packet)));
    }

    /// <summary>A bridge decides for itself, so it tracks for itself: zones differ by bridge and by vrf.</summary>
    [Fact]
    public void Conntrack_zones_differ_by_bridge_and_vrf()
    {
        var world = World.OfOnly(
            Host("h1", "br-int trunk", "br-dmz trunk2"),
            Network("front", Vlan(101), "10.1.0.0/24"),
            Network("lab", Vlan(103), "10.1.0.0/24", "shop/lab"),
            Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1")),
            Workload("b", "app=b", Nic(2, "h1/br-dmz", "front", "10.1.0.2")),
            Workload("c", "app=c", Nic(3, "h1", "lab", "10.1.0.1")),
            AllowAll);

        var zones = SimulatedBridge.Of(world).Compiled.Numbering.Zones;

        Assert.Equal(["br-dmz shop/default", "br-int shop/default", "br-int shop/lab"], zones.ByName.Keys);
        Assert.Equal(3, zones.ByName.Values.Distinct().Count());
        Assert.DoesNotContain(0u, zones.ByName.Values);
    }

    /// <summary>A connection of one vrf is none of another's, though the addresses and ports are the same.</summary>
    [Fact]
    public void Open_connection_of_one_vrf_opens_nothing_in_another()
    {
        var bridge = SimulatedBridge.Of(
            Network("front", Vlan(101), "10.1.0.0/24"),
            Network("bank/front", Vlan(201), "10.1.0.0/24"),
            Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1")),
            Workload("bank/a", "app=a", Nic(2, "h1", "bank/front", "10.1.0.1")),
            AllowAll);
        var answer = Packet.Tcp(At.Outside("198.51.100.7"), At.Nic(2, "10.1.0.1"), Packet.EphemeralPort, 80) with { Vlan = 201 };

        Assert.Equal("trunk", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.7"), 80)));
        Assert.Equal("vif1.0", bridge.Send("trunk", answer with { EthDst = MacOf(1), Vlan = 101 }));
        Assert.Equal("", bridge.Send("trunk", answer));
    }

    /// <summary>A tenant's rules never decide for another tenant's workload: only its own owner number leads to them.</summary>
    [Fact]
    public void Rules_of_a_tenant_decide_for_its_own_workloads_alone()
    {
        var bridge = SimulatedBridge.Of(
            Network("front", Vlan(101), "10.1.0.0/24"),
            Network("bank/guest", Vlan(202), "10.3.0.0/24", "shop/default"),
            Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1")),
            Workload("bank/a", "app=a", Nic(2, "h1", "bank/guest", "10.3.0.1")),
            AllowAll);

        Assert.Equal("trunk", bridge.Send("vif1.0", Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.7"), 80)));
        Assert.Equal("", bridge.Send("vif2.0", Packet.Tcp(At.Nic(2, "10.3.0.1"), At.Outside("198.51.100.7"), 80)));
        Assert.Equal("", bridge.Send("trunk", Packet.Tcp(At.Outside("198.51.100.7"), At.Nic(2, "10.3.0.1"), 80) with { Vlan = 202 }));
    }

    [Fact]
    public void Host_that_the_state_does_not_know_has_no_flows() =>
        Assert.Equal(0, HostCompiler.Compile(World.Of().State, Name.Parse("elsewhere"), HostNumbering.Empty).Flows.Count);
}
