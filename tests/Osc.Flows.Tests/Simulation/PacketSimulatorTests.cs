using Osc.Flows.Simulation;
using Osc.Model;
using Xunit;

namespace Osc.Flows.Tests.Simulation;

/// <summary>Tables, actions and matches: one rule of Open vSwitch a test.</summary>
public sealed class PacketSimulatorTests
{
    private static readonly Endpoint A = Switch.Host(1);
    private static readonly Endpoint B = Switch.Host(2);
    private static readonly Endpoint A6 = Switch.Host6(1);
    private static readonly Endpoint B6 = Switch.Host6(2);

    [Fact]
    public void Packet_is_dropped_by_an_empty_table()
    {
        var result = new Switch().Send(Packet.Tcp(A, B, 80));
        Assert.True(result.IsDropped);
        Assert.Equal(new TraceStep(0, null, null), result.DroppedIn);
    }

    [Fact]
    public void Packet_takes_the_flow_of_highest_priority()
    {
        var result = new Switch(
            "table=0,priority=1,actions=output:\"p2\"",
            "table=0,priority=3,tcp,tcp_dst=443,actions=output:\"p4\"",
            "table=0,priority=2,tcp,actions=output:\"p3\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p3"], Ports(result));
    }

    [Fact]
    public void Drop_says_in_which_flow()
    {
        var result = new Switch("table=0,priority=1,actions=resubmit(,4)", "table=4,priority=7,ip,actions=drop").Send(Packet.Tcp(A, B, 80));
        Assert.Equal((ushort?)7, result.DroppedIn?.Flow?.Priority);
        Assert.Equal([(byte)0, (byte)4], result.Trace.Select(s => s.Table));
    }

    [Fact]
    public void Packet_never_goes_back_out_of_the_port_it_came_in_at()
    {
        var result = new Switch("table=0,priority=1,actions=output:\"p1\",output:\"p2\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p2"], Ports(result));
    }

    [Fact]
    public void Input_port_is_matched_by_name()
    {
        var device = new Switch("table=0,priority=1,in_port=\"p1\",actions=output:\"p2\"", "table=0,priority=1,in_port=\"p3\",actions=output:\"p4\"");
        Assert.Equal(["p2"], Ports(device.Send(Packet.Tcp(A, B, 80))));
        Assert.Equal(["p4"], Ports(device.Send(Packet.Tcp(A, B, 80), "p3")));
        Assert.True(device.Send(Packet.Tcp(A, B, 80), "unknown").IsDropped);
    }

    [Fact]
    public void Resubmit_comes_back_with_what_the_subroutine_wrote()
    {
        var result = new Switch(
            "table=0,priority=1,actions=resubmit(,5),resubmit(,6)",
            "table=5,priority=1,actions=set_field:0x7->reg0,output:\"p2\"",
            "table=6,priority=1,reg0=0x7,actions=output:\"p3\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p2", "p3"], Ports(result));
    }

    [Fact]
    public void Resubmit_to_a_table_without_a_match_changes_nothing()
    {
        var result = new Switch("table=0,priority=1,actions=resubmit(,5),output:\"p2\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p2"], Ports(result));
    }

    [Fact]
    public void Resubmit_may_lead_to_an_earlier_table()
    {
        var result = new Switch(
            "table=0,priority=2,reg0=0x1,actions=output:\"p2\"",
            "table=0,priority=1,actions=set_field:0x1->reg0,resubmit(,0)").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p2"], Ports(result));
    }

    [Fact]
    public void Loop_of_resubmits_drops_the_packet() =>
        Assert.Empty(Ports(new Switch("table=0,priority=1,actions=output:\"p2\",resubmit(,0)").Send(Packet.Tcp(A, B, 80))));

    [Fact]
    public void Goto_continues_in_the_later_table()
    {
        var result = new Switch("table=0,priority=1,actions=set_field:0x1->reg0,goto_table:9", "table=9,priority=1,reg0=0x1,actions=output:\"p2\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p2"], Ports(result));
    }

    [Fact]
    public void Goto_inside_a_subroutine_returns_to_its_caller()
    {
        var result = new Switch(
            "table=0,priority=1,actions=resubmit(,1),output:\"p3\"",
            "table=1,priority=1,actions=goto_table:2",
            "table=2,priority=1,actions=output:\"p2\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p2", "p3"], Ports(result));
    }

    [Fact]
    public void Goto_backwards_is_refused() => Assert.Throws<ArgumentException>(() => new Switch("table=3,priority=1,actions=goto_table:3"));

    [Fact]
    public void Set_field_writes_only_the_bits_of_its_mask()
    {
        var result = new Switch(
            "table=0,priority=1,actions=set_field:0xffff0000->reg0,set_field:0x12/0xff->reg0,goto_table:1",
            "table=1,priority=1,reg0=0xffff0012,actions=output:\"p2\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p2"], Ports(result));
    }

    [Fact]
    public void Wide_registers_lie_over_the_32_bit_ones_upper_half_first()
    {
        var result = new Switch(
            "table=0,priority=1,actions=set_field:0x1122334455667788->xreg1,set_field:0x100000002000000030000000a->xxreg1,goto_table:1",
            "table=1,priority=1,reg2=0x11223344,reg3=0x55667788,reg4=0x1,reg5=0x2,reg6=0x3,reg7=0xa,actions=output:\"p2\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p2"], Ports(result));
    }

    [Fact]
    public void Move_copies_bits_between_fields_and_wide_registers()
    {
        var result = new Switch(
            "table=0,priority=1,tcp,actions=set_field:0xffff->xxreg3,move:NXM_OF_IP_SRC[]->NXM_NX_XXREG3[0..31],move:NXM_NX_XXREG3[0..7]->NXM_NX_REG1[24..31],goto_table:1",
            "table=1,priority=1,reg15=0x0a000001,reg14=0x0,reg1=0x01000000,actions=output:\"p2\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(["p2"], Ports(result));
    }

    [Fact]
    public void Address_of_IPv6_moves_whole()
    {
        var result = new Switch(
            "table=0,priority=1,ipv6,actions=move:NXM_NX_IPV6_DST[]->NXM_NX_XXREG3[],goto_table:1",
            "table=1,priority=1,reg12=0xfd000000,reg13=0x0,reg14=0x0,reg15=0x2,actions=output:\"p2\"").Send(Packet.Tcp(A6, B6, 80));
        Assert.Equal(["p2"], Ports(result));
    }

    [Fact]
    public void Masked_match_takes_the_whole_range()
    {
        var device = new Switch("table=0,priority=1,tcp,tcp_dst=0x1f40/0xfff8,nw_src=10.0.0.0/8,actions=output:\"p2\"");
        Assert.Equal(["p2"], Ports(device.Send(Packet.Tcp(A, B, 8000))));
        Assert.Equal(["p2"], Ports(device.Send(Packet.Tcp(A, B, 8007))));
        Assert.True(device.Send(Packet.Tcp(A, B, 8008)).IsDropped);
    }

    [Theory]
    [InlineData("nw_src=10.0.0.1")]
    [InlineData("nw_proto=1")]
    [InlineData("nw_ttl=0")]
    [InlineData("tcp_dst=0")]
    [InlineData("ct_nw_src=0.0.0.0/1")]
    public void Field_whose_prerequisites_do_not_hold_does_not_match(string match)
    {
        // Even where the field's bytes, read blindly, would be those of an ARP packet.
        var device = new Switch($"table=0,priority=1,{match},actions=output:\"p2\"");
        Assert.True(device.Send(Packet.ArpRequest(A, B.Address)).IsDropped);
    }

    [Fact]
    public void Ports_of_one_protocol_are_not_those_of_another()
    {
        var device = new Switch("table=0,priority=1,tcp_dst=80,actions=output:\"p2\"");
        Assert.False(device.Send(Packet.Tcp(A, B, 80)).IsDropped);
        Assert.True(device.Send(Packet.Udp(A, B, 80)).IsDropped);
        Assert.True(device.Send(Packet.Sctp(A, B, 80)).IsDropped);
    }

    [Fact]
    public void Icmp_of_the_other_family_has_no_type()
    {
        Assert.False(new Switch("table=0,priority=1,icmp_type=8,actions=output:\"p2\"").Send(Packet.Icmp(A, B, 8)).IsDropped);
        Assert.True(new Switch("table=0,priority=1,icmp_type=8,actions=output:\"p2\"").Send(Packet.OtherProtocol(A6, B6, 1) with { IcmpType = 8 }).IsDropped);
        Assert.True(new Switch("table=0,priority=1,icmpv6_type=128,actions=output:\"p2\"").Send(Packet.OtherProtocol(A, B, 58) with { IcmpType = 128 }).IsDropped);
    }

    [Fact]
    public void Neighbour_discovery_has_its_target_and_the_option_of_its_kind()
    {
        var solicitation = Packet.NeighbourSolicitation(A6, B6.Address);
        var advertisement = Packet.NeighbourAdvertisement(B6, A6);
        var device = new Switch(
            "table=0,priority=2,icmp6,icmpv6_type=135,nd_target=fd00::2,nd_sll=02:00:00:00:00:01,actions=output:\"p2\"",
            "table=0,priority=2,icmp6,icmpv6_type=136,nd_target=fd00::2,nd_tll=02:00:00:00:00:02,actions=output:\"p3\"",
            "table=0,priority=1,nd_sll=00:00:00:00:00:00,actions=output:\"p4\"");
        Assert.Equal(["p2"], Ports(device.Send(solicitation)));
        Assert.Equal(["p3"], Ports(device.Send(advertisement)));
        Assert.True(device.Send(advertisement with { NdTarget = A6.Address }).IsDropped);
        Assert.Equal("ff02::1:ff00:2", solicitation.Destination.ToString());
        Assert.Equal("33:33:ff:00:00:02", solicitation.EthDst.ToString());
        Assert.Equal(255, solicitation.Ttl);
    }

    [Fact]
    public void Arp_is_matched_by_its_own_fields()
    {
        var device = new Switch("table=0,priority=1,arp,arp_op=1,arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_sha=02:00:00:00:00:01,actions=output:\"p2\"");
        Assert.False(device.Send(Packet.ArpRequest(A, B.Address)).IsDropped);
        Assert.True(device.Send(Packet.ArpRequest(A, B.Address) with { ArpSpa = B.Address }).IsDropped);
        Assert.True(device.Send(Packet.ArpReply(A, B)).IsDropped);
    }

    [Fact]
    public void Vlan_tag_is_matched_popped_and_pushed()
    {
        var device = new Switch(
            "table=0,priority=2,vlan_vid=0x1064,actions=pop_vlan,output:\"p2\",push_vlan:0x8100,set_field:0x1065->vlan_vid,output:\"p3\"",
            "table=0,priority=2,vlan_vid=0x0,actions=output:\"p4\"");
        var result = device.Send(Packet.Tcp(A, B, 80) with { Vlan = 100 });
        Assert.Equal([null, (ushort?)101], result.Outputs.Select(o => o.Packet.Vlan));
        Assert.Equal(["p4"], Ports(device.Send(Packet.Tcp(A, B, 80))));
        Assert.True(device.Send(Packet.Tcp(A, B, 80) with { Vlan = 101 }).IsDropped);
    }

    [Fact]
    public void Third_vlan_tag_is_more_than_the_simulator_knows() =>
        Assert.Throws<InvalidOperationException>(() => new Switch("table=0,priority=1,actions=push_vlan:0x8100,push_vlan:0x8100,push_vlan:0x8100").Send(Packet.Tcp(A, B, 80)));

    [Fact]
    public void Packet_leaves_with_what_was_written_to_it()
    {
        var result = new Switch("table=0,priority=1,tcp,actions=output:\"p2\",set_field:02:00:00:00:00:09->dl_dst,set_field:0x9->tun_id,output:\"p3\"").Send(Packet.Tcp(A, B, 80));
        Assert.Equal(Packet.Tcp(A, B, 80), result.Outputs[0].Packet);
        Assert.Equal(Packet.Tcp(A, B, 80) with { EthDst = MacAddress.Parse("02:00:00:00:00:09"), TunnelId = 9 }, result.Outputs[1].Packet);
    }

    [Fact]
    public void Write_to_a_field_that_the_packet_does_not_have_is_ignored()
    {
        var arp = Packet.ArpRequest(A, B.Address);
        var result = new Switch("table=0,priority=1,actions=set_field:10.0.0.9->nw_src,output:\"p2\"").Send(arp);
        Assert.Equal(arp, result.Outputs[0].Packet);
    }

    [Fact]
    public void Two_flows_of_one_priority_that_disagree_are_told()
    {
        var device = new Switch("table=0,priority=1,tcp,actions=output:\"p2\"", "table=0,priority=1,nw_src=10.0.0.1,actions=output:\"p3\"", "table=0,priority=1,nw_src=10.0.0.3,actions=output:\"p4\"");
        Assert.NotNull(device.Send(Packet.Tcp(A, B, 80)).Ambiguity);
        Assert.Null(device.Send(Packet.Udp(A, B, 80)).Ambiguity);
    }

    [Fact]
    public void Two_flows_of_one_priority_that_agree_are_no_ambiguity() =>
        Assert.Null(new Switch("table=0,priority=1,tcp,actions=output:\"p2\"", "table=0,priority=1,nw_src=10.0.0.1,actions=output:\"p2\"").Send(Packet.Tcp(A, B, 80)).Ambiguity);

    [Fact]
    public void Simulator_may_be_shared_by_threads()
    {
        var simulator = new PacketSimulator(Switch.Flows(
            "table=0,priority=1,ip,actions=move:NXM_OF_IP_SRC[]->NXM_NX_REG0[],ct(table=1,zone=NXM_NX_CT_ZONE[])",
            "table=1,priority=1,ip,ct_state=+new+trk,reg0=0x0a000000/0xff000000,actions=output:\"p2\""));
        Parallel.For(0, 2_000, i =>
        {
            var result = simulator.Run(Packet.Tcp(Switch.Host((byte)i), B, (ushort)i), PortName.Parse("p1"), new ConnectionTable());
            Assert.Equal((ushort)i, result.Outputs[0].Packet.DestinationPort);
        });
    }

    private static IEnumerable<string> Ports(SimulationResult result) => result.Outputs.Select(o => o.Port.Value);
}
