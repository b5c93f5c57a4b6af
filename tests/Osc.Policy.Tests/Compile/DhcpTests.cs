using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Policy.Decisions;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>"DHCP client traffic of a local workload passes." Nothing is allowed by policy here.</summary>
public sealed class DhcpTests
{
    private static readonly Endpoint Client = At.Nic(1, "10.1.0.1");
    private static readonly Endpoint LinkLocal = new(MacOf(1), MacOf(1).LinkLocal);
    private static readonly Endpoint Server = At.Outside("10.1.0.250");
    private static readonly Endpoint Server6 = At.Outside("fe80::250");

    private static SimulatedBridge Bridge() => SimulatedBridge.Of(
        Network("front", Vlan(101), "10.1.0.0/24 fd00:1::/64"),
        Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1")),
        Workload("b", "app=b", Nic(2, "h1", "front", "10.1.0.2 fd00:1::2")));

    public static TheoryData<string, Packet, string> FromClient => new()
    {
        { "discover", Packet.Udp(At.Nic(1, "0.0.0.0"), At.All("255.255.255.255"), 67, 68), "trunk vif2.0" },
        { "request with an address", Packet.Udp(Client, At.All("255.255.255.255"), 67, 68), "trunk vif2.0" },
        { "renewal", Packet.Udp(Client, Server, 67, 68), "trunk" },
        { "solicit", Packet.Udp(LinkLocal, At.Many("ff02::1:2"), 547, 546), "trunk vif2.0" },
        { "solicit from an own address", Packet.Udp(At.Nic(1, "fd00:1::1"), At.Many("ff02::1:2"), 547, 546), "trunk vif2.0" },
        { "DHCPv6 renewal", Packet.Udp(LinkLocal, Server6, 547, 546), "trunk" },
        { "discover from another MAC", Packet.Udp(At.Nic(9, "0.0.0.0"), At.All("255.255.255.255"), 67, 68), "" },
        { "from another port", Packet.Udp(Client, At.All("255.255.255.255"), 67, 69), "" },
        { "to another port", Packet.Udp(Client, At.All("255.255.255.255"), 69, 68), "" },
        { "solicit from another address", Packet.Udp(At.Nic(1, "fe80::99"), At.Many("ff02::1:2"), 547, 546), "" },
        { "solicit to another group", Packet.Udp(LinkLocal, At.Many("ff02::1:3"), 547, 546), "" },
        { "discover to a multicast group", Packet.Udp(Client, At.Many("224.0.0.9"), 67, 68), "" },
        { "discover to the directed broadcast address", Packet.Udp(Client, At.All("10.1.0.255"), 67, 68), "" },
        { "offer: a local workload plays server", Packet.Udp(Client, At.All("255.255.255.255"), 68, 67), "" },
        { "unicast offer: a local workload plays server", Packet.Udp(Client, At.Nic(2, "10.1.0.2"), 68, 67), "" },
        { "DHCPv6 reply: a local workload plays server", Packet.Udp(LinkLocal, new(MacOf(2), MacOf(2).LinkLocal), 546, 547), "" },
        { "DHCPv6 reply from an own address", Packet.Udp(At.Nic(1, "fd00:1::1"), At.Nic(2, "fd00:1::2"), 546, 547), "" },
    };

    public static TheoryData<string, Packet, string> FromOutside => new()
    {
        { "broadcast offer", Packet.Udp(Server, At.All("255.255.255.255"), 68, 67), "vif1.0 vif2.0" },
        { "unicast acknowledgement", Packet.Udp(Server, Client, 68, 67), "vif1.0" },
        { "DHCPv6 reply", Packet.Udp(Server6, LinkLocal, 546, 547), "vif1.0" },
        { "acknowledgement to another's address", Packet.Udp(Server, At.Nic(1, "10.1.0.2"), 68, 67), "" },
        { "discover of a client elsewhere", Packet.Udp(At.Outside("0.0.0.0"), At.All("255.255.255.255"), 67, 68), "vif1.0 vif2.0" },
        { "renewal of a client elsewhere", Packet.Udp(At.Outside("10.1.0.77"), Client, 67, 68), "vif1.0" },
        { "from another port", Packet.Udp(Server, Client, 68, 1067), "" },
        { "to another port", Packet.Udp(Server, Client, 1068, 67), "" },
    };

    [Theory]
    [MemberData(nameof(FromClient))]
    public void Local_port_sends_as_a_client_and_not_as_a_server(string what, Packet packet, string ports) =>
        Assert.Equal($"{what}: {ports}", $"{what}: {Bridge().Send("vif1.0", packet)}");

    [Theory]
    [MemberData(nameof(FromOutside))]
    public void Answers_come_in_from_outside(string what, Packet packet, string ports) =>
        Assert.Equal($"{what}: {ports}", $"{what}: {Bridge().Send("trunk", packet with { Vlan = 101 })}");

    /// <summary>A local workload that plays server goes through policy like any other, and policy may let it.</summary>
    [Fact]
    public void Server_that_policy_allows_answers_by_unicast()
    {
        var world = World.Of(PolicyOf("p", Allow("dhcp", services: "udp/68")));
        var bridge = SimulatedBridge.Of(world);

        Assert.Equal("trunk", bridge.Send("vif1.0", Packet.Udp(At.Nic(1, "10.1.0.1"), At.Nic(2, "10.1.0.2"), 68, 67)));
        Assert.Equal(
            Verdict.Allow,
            Decider.Decide(world.State, new(ShopVrf, IpAddress.Parse("10.1.0.1"), IpAddress.Parse("10.1.0.2"), IpProtocol.Udp, 68, SourcePort: 67)).Verdict);
    }

    /// <summary>Decide says the same of a client's question, wherever it goes.</summary>
    [Theory]
    [InlineData("10.1.0.1", "255.255.255.255", 68, 67, Verdict.Allow)]
    [InlineData("10.1.0.1", "10.1.0.250", 68, 67, Verdict.Allow)]
    [InlineData("10.1.0.1", "10.1.0.2", 68, 67, Verdict.Allow)]
    [InlineData("10.1.0.77", "10.1.0.1", 68, 67, Verdict.Allow)]
    [InlineData("0.0.0.0", "255.255.255.255", 68, 67, Verdict.Allow)]
    [InlineData("10.1.0.1", "10.9.9.9", 68, 67, Verdict.Allow)]
    [InlineData("fd00:1::1", "ff02::1:2", 546, 547, Verdict.Allow)]
    [InlineData("fd00:1::1", "fd00:1::250", 546, 547, Verdict.Allow)]
    [InlineData("fd00:1::1", "ff02::1:3", 546, 547, Verdict.Drop)]
    [InlineData("10.1.0.1", "224.0.0.9", 68, 67, Verdict.Drop)]
    [InlineData("10.1.0.1", "10.1.0.255", 68, 67, Verdict.Drop)]
    [InlineData("10.1.0.1", "10.1.0.250", 69, 67, Verdict.Drop)]
    [InlineData("10.1.0.1", "10.1.0.250", 68, 68, Verdict.Drop)]
    [InlineData("10.1.0.1", "10.1.0.2", 67, 68, Verdict.Drop)]
    [InlineData("10.1.0.250", "10.1.0.1", 67, 68, Verdict.Allow)]
    [InlineData("10.1.0.250", "255.255.255.255", 67, 68, Verdict.Allow)]
    [InlineData("fe80::250", "fd00:1::1", 547, 546, Verdict.Allow)]
    [InlineData("10.1.0.250", "10.1.0.1", 1067, 68, Verdict.Drop)]
    [InlineData("10.1.0.250", "10.1.0.255", 67, 68, Verdict.Drop)]
    public void Decide_lets_clients_ask_and_outside_servers_answer(string source, string destination, int sourcePort, int destinationPort, Verdict verdict)
    {
        var connection = new Connection(ShopVrf, IpAddress.Parse(source), IpAddress.Parse(destination), IpProtocol.Udp, (ushort)destinationPort, SourcePort: (ushort)sourcePort);

        Assert.Equal(verdict, Decider.Decide(World.Of().State, connection).Verdict);
    }
}
