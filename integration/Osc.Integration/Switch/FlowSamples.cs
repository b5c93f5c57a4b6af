using Osc.Flows;

namespace Osc.Integration.Switch;

/// <summary>Flows that between them use every field and every action that a switch takes, in the pipeline's own forms and at their edges.</summary>
internal static class FlowSamples
{
    private static readonly string[] Matches =
    [
        "",
        "in_port=\"p1\"",
        "dl_src=02:00:00:00:00:01",
        "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00",
        "in_port=\"p2\",dl_src=02:00:00:00:00:00/ff:ff:ff:00:00:00,dl_dst=ff:ff:ff:ff:ff:ff",
        "dl_type=0x88cc",
        "vlan_vid=0x0",
        "vlan_vid=0x1000/0x1000",
        "vlan_vid=0x100a",
        "in_port=\"p1\",vlan_vid=0x1004/0x1ffc",
        "ip,vlan_vid=0x1064",
        "ip,nw_src=10.0.0.0/8,nw_dst=10.9.0.1",
        "ip,nw_src=10.0.0.1/255.0.0.255",
        "ip,nw_proto=47",
        "ip,nw_ttl=64",
        "tcp,tcp_src=1024,tcp_dst=80",
        "tcp,tcp_dst=0x1920/0xffe0",
        "udp,udp_src=67,udp_dst=68",
        "sctp,sctp_src=0x8000/0x8000,sctp_dst=3868",
        "icmp,icmp_type=3,icmp_code=4",
        "tcp6,tcp_src=1,tcp_dst=2",
        "udp6,udp_dst=53",
        "sctp6,sctp_dst=9",
        "ipv6,ipv6_src=fd00::/8,ipv6_dst=fd00::1",
        "ipv6,nw_proto=0",
        "icmp6,icmpv6_type=128,icmpv6_code=0",
        "icmp6,icmpv6_type=135,nd_target=fd00::2,nd_sll=02:00:00:00:00:01",
        "icmp6,icmpv6_type=136,nd_target=fd00::/64,nd_tll=02:00:00:00:00:02",
        "arp,arp_op=1,arp_spa=10.0.0.1,arp_tpa=10.0.0.0/24",
        "arp,arp_sha=02:00:00:00:00:01,arp_tha=00:00:00:00:00:00",
        "tun_id=0x1f40",
        "tun_id=0x100000000/0xffffffff00000000",
        "conj_id=4294967295",
        "ip,conj_id=17",
        "ct_state=+trk+new",
        "ct_state=-new+est-rel+rpl-inv+trk,ct_mark=0x7",
        "ct_state=+inv+trk",
        "ct_state=+snat-dnat+trk",
        "ct_zone=9",
        "ct_mark=0x100/0xff00",
        "ct_label=0x1",
        "ct_label=0xff00000000000000000000000000ff/0xff00000000000000000000000000ff",
        "ip,ct_state=-inv+trk,ct_nw_proto=6,ct_nw_src=10.0.0.0/24,ct_nw_dst=10.9.0.1,ct_tp_src=1,ct_tp_dst=0x1000/0xf000",
        "ip,ct_state=-inv+trk,ct_nw_proto=1,ct_tp_src=8,ct_tp_dst=0",
        "ipv6,ct_state=-inv+trk,ct_nw_proto=17,ct_ipv6_src=fd00::/64,ct_ipv6_dst=fd00::1,ct_tp_dst=53",
        "reg0=0x0",
        "reg0=0x1,reg1=0x2,reg2=0x3,reg3=0x4",
        "reg1=0x10/0xf0",
        "reg15=0xffffffff",
        "reg4=0x1,reg7=0x0/0x1",
        "reg12=0x0,reg13=0xffff,reg14=0xa0a0a0a0,reg15=0xfe800000/0xffc00000",
        "in_port=\"p3\",ip,reg0=0x1,reg5=0x80000000/0x80000000",
    ];

    private static readonly string[] Actions =
    [
        "drop",
        "meter:1472,CONTROLLER:65535",
        "controller(max_len=128,id=1472,meter_id=1472),goto_table:250",
        "output:\"p1\"",
        "output:\"p1\",output:\"p2\",output:\"br0\"",
        "goto_table:250",
        "resubmit(,251)",
        "resubmit(,251),resubmit(,252),goto_table:253",
        "set_field:0x1->reg0,goto_table:250",
        "set_field:0x10/0xf0->reg0",
        "set_field:0xffff/0xffff->reg15",
        "set_field:0x1->xreg0",
        "set_field:0xff00000000/0xff00000000->xreg7",
        "set_field:0xffff0a090001->xxreg3",
        "set_field:0xffff00000000/0xffffffffffffffffffffffff00000000->xxreg3",
        "set_field:02:00:00:00:00:01->dl_src,set_field:02:00:00:00:00:02->dl_dst",
        "set_field:00:00:00:00:00:02/00:00:00:00:00:ff->dl_dst",
        "set_field:0x1f40->tun_id,output:\"p3\"",
        "set_field:0->in_port,output:\"p3\"",
        "push_vlan:0x8100,set_field:0x100a->vlan_vid,output:\"p3\"",
        "push_vlan:0x8100,set_field:0x1004->vlan_vid,move:NXM_NX_REG10[0..1]->OXM_OF_VLAN_VID[0..1],goto_table:250",
        "bundle_load(eth_src,0,active_backup,ofport,NXM_NX_REG13[0..15],members:\"p1\"),bundle_load(eth_src,0,active_backup,ofport,NXM_NX_REG13[16..31],members:\"br0\"),goto_table:250",
        "move:NXM_NX_CT_STATE[3]->NXM_NX_REG10[4]",
        "move:NXM_NX_REG0[]->NXM_NX_REG1[]",
        "move:NXM_NX_REG0[0..15]->NXM_NX_REG1[16..31]",
        "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]",
        "move:NXM_NX_REG3[5]->NXM_NX_XXREG0[127]",
        "move:NXM_NX_CT_LABEL[64..95]->NXM_NX_REG8[]",
        "conjunction(1,1/2)",
        "conjunction(4294967295,64/64),conjunction(7,2/3)",
    ];

    /// <summary>Actions whose fields a match must first make sure of, with such a match.</summary>
    private static readonly string[] Pairs =
    [
        "ip,actions=set_field:10.0.0.1->nw_src,set_field:0.0.0.9/0.0.0.255->nw_dst,set_field:63->nw_ttl,output:\"p1\"",
        "ipv6,actions=set_field:fd00::1->ipv6_src,set_field:fd00::2->ipv6_dst",
        "ip,actions=move:NXM_OF_IP_SRC[]->NXM_NX_REG5[],move:NXM_OF_IP_DST[]->NXM_NX_XXREG3[0..31]",
        "ipv6,actions=move:NXM_NX_IPV6_SRC[]->NXM_NX_XXREG3[]",
        "ip,ct_state=-inv+trk,actions=move:NXM_NX_CT_NW_SRC[]->NXM_NX_XXREG3[0..31],resubmit(,40),goto_table:250",
        "ipv6,ct_state=-inv+trk,actions=move:NXM_NX_CT_IPV6_DST[]->NXM_NX_XXREG3[]",
        "ip,ct_state=-inv+trk,actions=move:NXM_NX_CT_TP_DST[]->NXM_NX_REG0[0..15]",
        "tcp,actions=set_field:80->tcp_src,set_field:443->tcp_dst",
        "udp6,actions=set_field:53->udp_dst",
        "sctp,actions=set_field:1->sctp_src",
        "vlan_vid=0x1000/0x1000,actions=pop_vlan,output:\"p3\"",
        "vlan_vid=0x1008/0x1ffc,actions=move:OXM_OF_VLAN_VID[0..1]->NXM_NX_REG10[0..1],pop_vlan,resubmit(,40)",
        "ip,actions=ct(zone=NXM_NX_REG1[0..15])",
        "ip,actions=ct(table=20,zone=NXM_NX_REG1[0..15])",
        "ip,actions=ct(commit,zone=NXM_NX_REG1[16..31])",
        "ip,actions=ct(commit,zone=NXM_NX_REG6[0..15],exec(set_field:0x7->ct_mark,set_field:0x1122334455667788->ct_label))",
        "ip,actions=ct(commit,table=30,zone=NXM_NX_REG6[0..15],exec(set_field:0x700/0xff00->ct_mark,move:NXM_NX_REG4[]->NXM_NX_CT_LABEL[32..63])),output:\"p1\"",
        "ip,actions=ct(commit,zone=NXM_NX_REG1[0..15],exec(set_field:0x100000000/0xffffffff00000000->ct_label)),resubmit(,60),goto_table:254",
        "arp,actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:2->arp_op,set_field:10.0.0.1->arp_spa,set_field:02:00:00:00:00:01->arp_sha",
    ];

    /// <summary>One flow of each form, under cookies of ours.</summary>
    public static FlowSet All { get; } = FlowSet.Of(Matches
        .Select((match, i) => Parse((uint)i, 10, match, "drop"))
        .Concat(Actions.Select((actions, i) => Parse((uint)i, 100 + i, "", actions)))
        .Concat(Pairs.Select((pair, i) => FlowTextParser.Parse($"cookie=0x{new FlowCookie(FlowPurpose.Rule, (uint)i).Value:x},table=2,priority={1000 + i},{pair}"))));

    private static Flow Parse(uint number, int priority, string match, string actions) =>
        FlowTextParser.Parse($"cookie=0x{new FlowCookie(FlowPurpose.Rule, number).Value:x},table=1,priority={priority},{match}{(match.Length > 0 ? "," : "")}actions={actions}");
}
