using Osc.Flows.Simulation;
using Osc.Model.Documents;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>"Replies and related ICMP errors share their connection's verdict", before and after a change of policy.</summary>
public sealed class ConnectionTrackingTests
{
    private static readonly Endpoint Me = At.Nic(1, "10.1.0.1");
    private static readonly Endpoint Far = At.Outside("198.51.100.7");
    private static readonly Endpoint Router = At.Outside("203.0.113.1");
    private static readonly Packet Request = Packet.Tcp(Me, Far, 80);
    private static readonly Packet Answer = Packet.ReplyTo(Request) with { Vlan = 101 };
    private static readonly Packet Error = Packet.IcmpError(Request, Router, 3, 4) with { Vlan = 101 };

    private static World Under(params Rule[] rules) => World.OfOnly(
        Host("h1"),
        Network("front", Vlan(101), "10.1.0.0/24 fd00:1::/64"),
        Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1")),
        PolicyOf("p", rules));

    [Fact]
    public void Reply_passes_that_no_rule_allows_for_itself()
    {
        var bridge = SimulatedBridge.Of(Under(Allow("web", services: "tcp/80").For(Direction.Out), Drop("none")));

        Assert.Equal("", bridge.Send("trunk", Answer));
        Assert.Equal("trunk", bridge.Send("vif1.0", Request));
        Assert.Equal("vif1.0", bridge.Send("trunk", Answer));
        Assert.Equal("trunk", bridge.Send("vif1.0", Request));
    }

    [Fact]
    public void Connection_that_was_dropped_has_no_reply()
    {
        var bridge = SimulatedBridge.Of(Under(Drop("none")));

        Assert.Equal("", bridge.Send("vif1.0", Request));
        Assert.Equal("", bridge.Send("trunk", Answer));
    }

    [Fact]
    public void ICMP_error_of_an_open_connection_passes()
    {
        var bridge = SimulatedBridge.Of(Under(Allow("web", services: "tcp/80").For(Direction.Out), Drop("none")));

        Assert.Equal("", bridge.Send("trunk", Error));
        Assert.Equal("trunk", bridge.Send("vif1.0", Request));
        Assert.Equal("vif1.0", bridge.Send("trunk", Error));
    }

    [Fact]
    public void ICMPv6_error_of_an_open_connection_passes()
    {
        var request = Packet.Tcp(At.Nic(1, "fd00:1::1"), At.Outside("2001:db8::7"), 80);
        var error = Packet.IcmpError(request, At.Outside("2001:db8::1"), 2, 0) with { Vlan = 101 };
        var bridge = SimulatedBridge.Of(Under(Allow("web", services: "tcp/80")));

        Assert.Equal("", bridge.Send("trunk", error));
        Assert.Equal("trunk", bridge.Send("vif1.0", request));
        Assert.Equal("vif1.0", bridge.Send("trunk", error));
    }

    /// <summary>A related packet is decided as its connection is, also when the epoch has moved on.</summary>
    [Theory]
    [InlineData("tcp/80", "vif1.0")]
    [InlineData("tcp/443", "")]
    public void ICMP_error_after_a_change_is_decided_as_its_connection_is(string services, string ports)
    {
        var bridge = SimulatedBridge.Of(Under(Allow("web", services: "tcp/80 udp/53")));
        Assert.Equal("trunk", bridge.Send("vif1.0", Request));

        bridge.Update(Under(Allow("web", services: services)));

        Assert.Equal(2, bridge.Compiled.Numbering.Epoch.Number);
        Assert.Equal(ports, bridge.Send("trunk", Error));
    }

    /// <summary>An error enters no connection of its own: after it, the packet that it reports is decided as before.</summary>
    [Fact]
    public void ICMP_error_after_a_change_does_not_renew_the_connection()
    {
        var bridge = SimulatedBridge.Of(Under(Allow("web", services: "tcp/80 udp/53")));
        Assert.Equal("trunk", bridge.Send("vif1.0", Request));

        bridge.Update(Under(Allow("web", services: "tcp/80")));
        Assert.Equal("vif1.0", bridge.Send("trunk", Error));
        bridge.Update(Under(Allow("web", services: "udp/53")));

        Assert.Equal("", bridge.Send("trunk", Error));
        Assert.Equal("", bridge.Send("vif1.0", Request));
        Assert.Equal("", bridge.Send("trunk", Answer));
    }

    /// <summary>
    /// Who reports a packet is who it was sent to: the end of its connection. The other local workload knows the connection, may send
    /// to both ends, and gives its own address.
    /// </summary>
    [Theory]
    [InlineData("10.1.0.1", "10.1.0.2", "10.1.0.3", 3, 3)]
    [InlineData("fd00:1::1", "fd00:1::2", "fd00:1::3", 1, 4)]
    public void ICMP_error_of_a_workload_passes_only_about_what_was_sent_to_it(string client, string server, string other, byte type, byte code)
    {
        var (a, b, c) = (At.Nic(1, client), At.Nic(2, server), At.Nic(3, other));
        var bridge = SimulatedBridge.Of(World.OfOnly(
            Host("h1"),
            Network("front", Vlan(101), "10.1.0.0/24 fd00:1::/64"),
            Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1 fd00:1::1")),
            Workload("b", "app=b", Nic(2, "h1", "front", "10.1.0.2 fd00:1::2")),
            Workload("c", "app=c", Nic(3, "h1", "front", "10.1.0.3 fd00:1::3 10.1.0.4 fd00:1::4")),
            PolicyOf("p", Allow("all"))));
        var (request, answer) = (Packet.Tcp(a, b, 80), Packet.ReplyTo(Packet.Tcp(a, b, 80)));
        Assert.Equal("vif2.0", bridge.Send("vif1.0", request));
        Assert.Equal("vif1.0", bridge.Send("vif2.0", answer));

        Assert.Equal("vif1.0", bridge.Send("vif2.0", Packet.IcmpError(request, b, type, code)));
        Assert.Equal("", bridge.Send("vif1.0", Packet.IcmpError(answer, a, type, code))); // about an answer: nobody can be asked
        Assert.Equal("", bridge.Send("vif3.0", Packet.IcmpError(request, c, type, code)));
        Assert.Equal("", bridge.Send("vif3.0", Packet.IcmpError(answer, c, type, code)));
    }

    /// <summary>Of an error about an answer policy cannot be asked anew: it passes while its connection is open under the epoch, and no longer.</summary>
    [Fact]
    public void ICMP_error_about_an_answer_does_not_pass_after_a_change()
    {
        var bridge = SimulatedBridge.Of(Under(Allow("web", services: "tcp/80 udp/53")));
        var request = Packet.Tcp(Far, Me, 80) with { Vlan = 101 };
        var error = Packet.IcmpError(Packet.ReplyTo(request), Router, 3, 4) with { Vlan = 101 };
        Assert.Equal("vif1.0", bridge.Send("trunk", request));
        Assert.Equal("vif1.0", bridge.Send("trunk", error));

        bridge.Update(Under(Allow("web", services: "udp/53")));

        Assert.Equal("", bridge.Send("trunk", error));
    }

    /// <summary>An interface of more than one address may report a packet from any; the error goes out as it came.</summary>
    [Fact]
    public void ICMP_error_keeps_its_own_source()
    {
        var (first, second) = (At.Nic(1, "10.1.0.1"), At.Nic(1, "10.1.0.9"));
        var bridge = SimulatedBridge.Of(World.OfOnly(
            Host("h1"),
            Network("front", Vlan(101), "10.1.0.0/24"),
            Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1 10.1.0.9")),
            PolicyOf("p", Allow("all"))));
        var request = Packet.Tcp(Far, first, 80) with { Vlan = 101 };
        Assert.Equal("vif1.0", bridge.Send("trunk", request));

        var sent = Assert.Single(bridge.Run("vif1.0", Packet.IcmpError(request, second, 3, 3) with { Vlan = null }).Outputs);

        Assert.Equal(("trunk", second.Address), (sent.Port.ToString(), sent.Packet.Source));
    }

    [Theory]
    [InlineData("tcp/80", true)]
    [InlineData("tcp/443", false)]
    public void Open_connection_is_decided_anew_in_either_direction_after_a_change(string services, bool passes)
    {
        foreach (var first in new[] { ("vif1.0", Request, "trunk"), ("trunk", Answer, "vif1.0") })
        {
            var bridge = SimulatedBridge.Of(Under(Allow("web", services: "tcp/80 udp/53")));
            Assert.Equal("trunk", bridge.Send("vif1.0", Request));
            Assert.Equal("vif1.0", bridge.Send("trunk", Answer));

            bridge.Update(Under(Allow("web", services: services)));

            Assert.Equal(passes ? first.Item3 : "", bridge.Send(first.Item1, first.Item2));
        }
    }

    [Theory]
    [InlineData("vif1.0")]
    [InlineData("trunk")]
    public void Invalid_packet_never_passes(string port)
    {
        var bridge = SimulatedBridge.Of(Under(Allow("all")));
        var packet = port == "trunk" ? Answer : Request;
        Assert.Equal("trunk", bridge.Send("vif1.0", Request));

        Assert.Equal("", bridge.Send(port, packet with { IsInvalid = true }));
        Assert.NotEqual("", bridge.Send(port, packet));
    }

    /// <summary>An ICMP answer that nobody asked for is new, and for policy to decide.</summary>
    [Fact]
    public void Echo_reply_that_nobody_asked_for_is_decided_as_a_connection_of_its_own()
    {
        var bridge = SimulatedBridge.Of(Under(Allow("ping", services: "icmp/8")));
        var reply = Packet.Icmp(Far, Me, 0) with { Vlan = 101 };

        Assert.Equal("", bridge.Send("trunk", reply));
        Assert.Equal("trunk", bridge.Send("vif1.0", Packet.Icmp(Me, Far, 8)));
        Assert.Equal("vif1.0", bridge.Send("trunk", reply));
    }
}
