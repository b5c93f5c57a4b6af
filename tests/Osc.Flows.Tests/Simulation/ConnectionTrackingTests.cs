using Osc.Flows.Simulation;
using Osc.Model;
using Xunit;

namespace Osc.Flows.Tests.Simulation;

/// <summary>ct() as the userspace datapath of Open vSwitch 3.1.0 was seen to do it.</summary>
public sealed class ConnectionTrackingTests
{
    private static readonly Endpoint A = Switch.Host(1);
    private static readonly Endpoint B = Switch.Host(2);
    private static readonly Endpoint A6 = Switch.Host6(1);
    private static readonly Endpoint B6 = Switch.Host6(2);

    /// <summary>Tracks in zone 5, says the state by the output port, and commits what is new with mark 7.</summary>
    private static readonly string[] Tracker =
    [
        "table=0,priority=1,actions=set_field:0x5->reg6,ct(table=1,zone=NXM_NX_REG6[0..15])",
        "table=1,priority=9,ct_state=+inv+trk,actions=output:\"invalid\"",
        "table=1,priority=8,ct_state=+rel+rpl+trk,actions=output:\"related-reply\"",
        "table=1,priority=7,ct_state=+rel-rpl+trk,actions=output:\"related\"",
        "table=1,priority=6,ct_state=-new+est+rpl+trk,ct_mark=0x7,actions=output:\"established-reply\"",
        "table=1,priority=5,ct_state=-new+est-rpl+trk,ct_mark=0x7,actions=output:\"established\"",
        "table=1,priority=4,ct_state=+new-est+trk,ct_mark=0x0,actions=ct(commit,zone=NXM_NX_REG6[0..15],exec(set_field:0x7->ct_mark)),output:\"new\"",
        "table=1,priority=3,ct_state=+new-est+trk,ct_mark=0x7,actions=output:\"new-again\"",
    ];

    [Fact]
    public void Connection_is_new_until_committed()
    {
        var device = new Switch([.. Tracker[..6], "table=1,priority=4,ct_state=+new-est-rel-rpl-inv+trk,actions=output:\"new\""]);
        Assert.Equal("new", device.PortsOf(Packet.Tcp(A, B, 80)));
        Assert.Equal("new", device.PortsOf(Packet.Tcp(A, B, 80)));
        Assert.Equal(0, device.Connections.Count);
    }

    [Fact]
    public void Committed_connection_is_established_once_it_was_answered()
    {
        var device = new Switch(Tracker);
        var request = Packet.Udp(A, B, 53);
        Assert.Equal("new", device.PortsOf(request));
        Assert.Equal("new-again", device.PortsOf(request));
        Assert.Equal("established-reply", device.PortsOf(Packet.ReplyTo(request)));
        Assert.Equal("established", device.PortsOf(request));
        Assert.Equal(1, device.Connections.Count);
    }

    [Fact]
    public void Reply_of_a_connection_that_was_not_committed_is_new() => Assert.Equal("new", new Switch(Tracker).PortsOf(Packet.ReplyTo(Packet.Tcp(A, B, 80))));

    [Theory]
    [MemberData(nameof(Requests))]
    public void Every_protocol_is_tracked_in_both_directions(Packet request)
    {
        var device = new Switch(Tracker);
        Assert.Equal("new", device.PortsOf(request));
        Assert.Equal("established-reply", device.PortsOf(Packet.ReplyTo(request)));
        Assert.Equal("established", device.PortsOf(request));
        Assert.Equal(request, Packet.ReplyTo(Packet.ReplyTo(request)));
    }

    public static TheoryData<Packet> Requests() =>
    [
        Packet.Tcp(A, B, 80), Packet.Udp(A, B, 53), Packet.Sctp(A, B, 99), Packet.Icmp(A, B, 8), Packet.Icmp(A, B, 13), Packet.OtherProtocol(A, B, 47),
        Packet.Tcp(A6, B6, 80), Packet.Udp(A6, B6, 53), Packet.Sctp(A6, B6, 99), Packet.Icmpv6(A6, B6, 128), Packet.OtherProtocol(A6, B6, 47),
        Packet.Tcp(A, A, 80),
    ];

    [Fact]
    public void Connections_differ_by_port_identifier_and_zone()
    {
        var device = new Switch(Tracker);
        Assert.Equal("new", device.PortsOf(Packet.Tcp(A, B, 80)));
        Assert.Equal("new", device.PortsOf(Packet.Tcp(A, B, 81)));
        Assert.Equal("new", device.PortsOf(Packet.Tcp(A, B, 80, 1)));
        Assert.Equal("new", device.PortsOf(Packet.Icmp(A, B, 8, 0, 1)));
        Assert.Equal("new", device.PortsOf(Packet.Icmp(A, B, 8, 0, 2)));
        Assert.NotNull(device.Connections.Find(5, Packet.Tcp(A, B, 80)));
        Assert.Null(device.Connections.Find(6, Packet.Tcp(A, B, 80)));
        Assert.Equal(5, device.Connections.Count);
        device.Connections.Clear();
        Assert.Equal("new", device.PortsOf(Packet.Tcp(A, B, 80)));
    }

    [Fact]
    public void Zone_is_read_from_the_bits_that_are_named()
    {
        var device = new Switch(
            "table=0,priority=1,actions=set_field:0x00090008->reg6,ct(table=1,zone=NXM_NX_REG6[16..31])",
            "table=1,priority=1,ct_zone=9,actions=ct(commit,zone=NXM_NX_REG6[0..15])");
        device.Send(Packet.Tcp(A, B, 80));
        Assert.Null(device.Connections.Find(9, Packet.Tcp(A, B, 80)));
        Assert.NotNull(device.Connections.Find(8, Packet.Tcp(A, B, 80)));
    }

    [Fact]
    public void Original_tuple_is_that_of_the_first_packet_in_both_directions()
    {
        var device = new Switch(
            "table=0,priority=1,ip,actions=ct(table=1,zone=NXM_NX_REG6[0..15])",
            "table=1,priority=2,ct_state=-inv+trk,ct_nw_proto=6,ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_tp_src=40000,ct_tp_dst=80,actions=ct(commit,zone=NXM_NX_REG6[0..15]),output:\"original\"",
            "table=1,priority=1,actions=output:\"other\"");
        Assert.Equal("original", device.PortsOf(Packet.Tcp(A, B, 80)));
        Assert.Equal("original", device.PortsOf(Packet.ReplyTo(Packet.Tcp(A, B, 80))));
        Assert.Equal("other", device.PortsOf(Packet.ReplyTo(Packet.Tcp(A, B, 81))));
    }

    [Fact]
    public void Original_tuple_of_IPv6_is_in_its_own_fields()
    {
        var device = new Switch(
            "table=0,priority=1,ipv6,actions=ct(table=1,zone=NXM_NX_REG6[0..15])",
            "table=1,priority=2,ct_state=-inv+trk,ct_nw_proto=17,ct_ipv6_src=fd00::1,ct_ipv6_dst=fd00::/64,ct_tp_dst=53,actions=output:\"original\"",
            "table=1,priority=1,ct_nw_src=0.0.0.0/1,actions=output:\"never\"");
        Assert.Equal("original", device.PortsOf(Packet.Udp(A6, B6, 53)));
        Assert.Equal("", device.PortsOf(Packet.Udp(A6, B6, 54)));
    }

    [Fact]
    public void Original_ports_of_icmp_are_its_type_and_code()
    {
        var device = new Switch(
            "table=0,priority=1,icmp,actions=ct(table=1,zone=NXM_NX_REG6[0..15])",
            "table=1,priority=2,ct_state=-inv+trk,ct_nw_proto=1,ct_tp_src=8,ct_tp_dst=0,actions=ct(commit,zone=NXM_NX_REG6[0..15]),output:\"echo\"",
            "table=1,priority=2,ct_state=-inv+trk,ct_nw_proto=1,ct_tp_src=5,ct_tp_dst=3,actions=output:\"redirect\"");
        Assert.Equal("echo", device.PortsOf(Packet.Icmp(A, B, 8)));
        Assert.Equal("echo", device.PortsOf(Packet.ReplyTo(Packet.Icmp(A, B, 8))));
        Assert.Equal("redirect", device.PortsOf(Packet.Icmp(A, B, 5, 3)));
    }

    [Fact]
    public void Icmp_error_shares_the_connection_it_reports()
    {
        var device = new Switch(Tracker);
        var request = Packet.Udp(A, B, 53);
        Assert.Equal("new", device.PortsOf(request));
        Assert.Equal("related-reply", device.PortsOf(Packet.IcmpError(request, Switch.Host(9), 3, 3)));
        Assert.Equal("related", device.PortsOf(Packet.IcmpError(Packet.ReplyTo(request), A, 3, 3)));
        Assert.Equal("invalid", device.PortsOf(Packet.IcmpError(Packet.Udp(A, B, 54), B, 3, 3)));
    }

    /// <summary>As seen in Open vSwitch 3.1: where the state is +rel alone, a match sees the original tuple and a move does not.</summary>
    [Fact]
    public void Original_addresses_of_a_related_packet_that_is_no_reply_are_matched_but_not_moved()
    {
        var device = new Switch(
            "table=0,priority=1,ip,actions=ct(table=1,zone=NXM_NX_REG6[0..15])",
            "table=1,priority=3,ct_state=+rel-inv+trk,ip,ct_nw_src=10.0.0.1,actions=set_field:0x5->reg0,move:NXM_NX_CT_NW_SRC[]->NXM_NX_REG0[],goto_table:2",
            "table=1,priority=2,ct_state=+new+trk,ip,actions=ct(commit,zone=NXM_NX_REG6[0..15])",
            "table=2,priority=1,reg0=0x5,actions=output:\"left\"",
            "table=2,priority=1,reg0=0xa000001,actions=output:\"moved\"");
        var request = Packet.Udp(A, B, 53);
        device.Send(request);

        Assert.Equal("moved", device.PortsOf(Packet.IcmpError(request, B, 3, 3)));
        Assert.Equal("left", device.PortsOf(Packet.IcmpError(Packet.ReplyTo(request), A, 3, 3)));
    }

    [Fact]
    public void Icmp_error_bears_the_tuple_mark_and_label_of_its_connection()
    {
        var device = new Switch(
            "table=0,priority=1,ip,actions=ct(table=1,zone=NXM_NX_REG6[0..15])",
            "table=1,priority=2,ct_state=+new+trk,udp,actions=ct(commit,zone=NXM_NX_REG6[0..15],exec(set_field:0x7->ct_mark,set_field:0x9->ct_label))",
            "table=1,priority=1,ct_state=+rel+trk,ct_mark=0x7,ct_label=0x9,ct_nw_proto=17,ct_tp_dst=53,actions=output:\"error\"");
        device.Send(Packet.Udp(A, B, 53));
        Assert.Equal("error", device.PortsOf(Packet.IcmpError(Packet.Udp(A, B, 53), B, 3, 3)));
    }

    [Fact]
    public void Packet_that_cannot_be_tracked_is_invalid_and_has_no_tuple()
    {
        var device = new Switch([.. Tracker, "table=1,priority=10,ct_nw_src=10.0.0.1,ct_mark=0x0,actions=output:\"tuple\""]);
        Assert.Equal("invalid", device.PortsOf(Packet.Tcp(A, B, 80) with { IsInvalid = true }));
        Assert.Equal("invalid", device.PortsOf(Packet.ArpRequest(A, B.Address)));
        Assert.Equal(0, device.Connections.Count);
    }

    [Fact]
    public void Invalid_packet_commits_nothing()
    {
        var device = new Switch("table=0,priority=1,actions=ct(commit,zone=NXM_NX_REG6[0..15])");
        device.Send(Packet.Tcp(A, B, 80) with { IsInvalid = true });
        Assert.Equal(0, device.Connections.Count);
    }

    [Fact]
    public void Commit_writes_mark_and_label_by_value_mask_and_move()
    {
        var device = new Switch(
            "table=0,priority=1,tcp,actions=set_field:0x12->reg0,ct(commit,zone=NXM_NX_REG6[0..15],exec(set_field:0xff00/0xff00->ct_mark,move:NXM_NX_REG0[0..7]->NXM_NX_CT_LABEL[120..127]))",
            "table=0,priority=1,udp,actions=drop");
        device.Send(Packet.Tcp(A, B, 80));
        var connection = device.Connections.Find(0, Packet.Tcp(A, B, 80));
        Assert.Equal(0xff00u, connection?.Mark);
        Assert.Equal((UInt128)0x12 << 120, connection?.Label);
        Assert.Equal(new ConnectionTuple(A.Address, B.Address, 6, 40_000, 80, 0), connection?.Original);
    }

    [Fact]
    public void Commit_of_a_known_connection_writes_anew_and_keeps_its_direction()
    {
        var device = new Switch(
            "table=0,priority=1,in_port=\"p1\",ip,actions=ct(commit,zone=NXM_NX_REG6[0..15],exec(set_field:0x7->ct_mark))",
            "table=0,priority=1,in_port=\"p2\",ip,actions=ct(commit,zone=NXM_NX_REG6[0..15],exec(set_field:0x80/0x80->ct_mark))");
        device.Send(Packet.Tcp(A, B, 80));
        device.Send(Packet.ReplyTo(Packet.Tcp(A, B, 80)), "p2");
        var connection = device.Connections.Find(0, Packet.Tcp(A, B, 80));
        Assert.Equal(0x87u, connection?.Mark);
        Assert.Equal(A.Address, connection?.Original.Source);
        Assert.Equal(1, device.Connections.Count);
    }

    [Fact]
    public void Recirculated_packet_keeps_its_registers_and_sees_what_its_commit_wrote()
    {
        var device = new Switch(
            "table=0,priority=1,ip,actions=set_field:0x3->reg2,ct(commit,table=1,zone=NXM_NX_REG6[0..15],exec(set_field:0x7->ct_mark))",
            "table=1,priority=1,ct_state=+new+trk,ct_mark=0x7,reg2=0x3,actions=output:\"p2\"");
        Assert.Equal("p2", device.PortsOf(Packet.Tcp(A, B, 80)));
    }

    [Fact]
    public void Recirculation_does_not_come_back_and_the_actions_after_it_go_on_untracked()
    {
        var device = new Switch(
            "table=0,priority=1,ip,actions=ct(table=1,zone=NXM_NX_REG6[0..15]),resubmit(,2)",
            "table=1,priority=1,ip,actions=set_field:0x3->reg2,output:\"tracked\"",
            "table=2,priority=2,ct_state=-trk,reg2=0x0,actions=output:\"untracked\"");
        Assert.Equal("tracked untracked", device.PortsOf(Packet.Tcp(A, B, 80)));
    }

    [Fact]
    public void Conntrack_fields_are_gone_after_a_commit()
    {
        var device = new Switch(
            "table=0,priority=1,ip,actions=ct(table=1,zone=NXM_NX_REG6[0..15])",
            "table=1,priority=1,ct_state=+new+trk,ip,actions=ct(commit,zone=NXM_NX_REG6[0..15]),resubmit(,2)",
            "table=2,priority=2,ct_state=+trk,actions=output:\"tracked\"",
            "table=2,priority=2,ct_nw_src=10.0.0.1,actions=output:\"tuple\"",
            "table=2,priority=1,ct_mark=0x0,ct_zone=0,actions=output:\"untracked\"");
        Assert.Equal("untracked", device.PortsOf(Packet.Tcp(A, B, 80)));
    }

    [Fact]
    public void Reply_refuses_what_nothing_answers()
    {
        Assert.Throws<ArgumentException>(() => Packet.ReplyTo(Packet.Icmp(A, B, 3)));
        Assert.Throws<ArgumentException>(() => Packet.ReplyTo(Packet.ArpRequest(A, B.Address)));
        Assert.False(Packet.HasReply(Packet.Icmp(A, B, 3)));
        Assert.False(Packet.HasReply(Packet.ArpRequest(A, B.Address)));
        Assert.True(Packet.HasReply(Packet.Icmpv6(A6, B6, 128)));
        Assert.Throws<ArgumentException>(() => Packet.Tcp(A, B6, 80));
    }

    [Fact]
    public void First_packet_of_a_connection_is_what_the_connection_says()
    {
        var vrf = QualifiedName.Parse("shop/default");
        Assert.Equal(Packet.Tcp(A, B, 80), Packet.FirstOf(new(vrf, A.Address, B.Address, 6, 80), A.Mac, B.Mac));
        Assert.Equal(Packet.Icmpv6(A6, B6, 128, 1), Packet.FirstOf(new(vrf, A6.Address, B6.Address, 58, 0, 128, 1), A.Mac, B.Mac));
        Assert.Equal(Packet.Udp(A, B, 67, 68), Packet.FirstOf(new(vrf, A.Address, B.Address, 17, 67, SourcePort: 68), A.Mac, B.Mac));
    }
}
