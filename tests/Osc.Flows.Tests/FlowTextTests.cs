using CsCheck;
using Osc.Model;
using Xunit;

namespace Osc.Flows.Tests;

public sealed class FlowTextTests
{
    private static readonly PortName Vif = PortName.Parse("vif3.0");

    /// <summary>Lines as ovs-ofctl takes them, and the flows they are.</summary>
    public static readonly TheoryData<string, Flow> Lines = new()
    {
        { "cookie=0x0,table=0,priority=0,actions=drop", new(0, 0, Match.Any, [], 0) },
        {
            "cookie=0x5c0040100000000,table=0,priority=100,in_port=\"vif3.0\",ip,dl_src=02:00:00:00:00:01,nw_src=10.9.0.1,actions=set_field:0x1/0xffff->reg0,resubmit(,7),goto_table:8",
            new(0, 100,
                Match.OnPort(Vif).With(Field.EthSrc, 0x020000000001).With(Field.EthType, 0x0800).With(Field.Ipv4Src, 0x0a090001),
                [new SetField(Field.Registers[0], 1, 0xffff), new Resubmit(7), new GotoTable(8)],
                new FlowCookie(FlowPurpose.Port, 0).Value)
        },
        {
            "cookie=0x1,table=3,priority=5,tcp6,tcp_dst=0x1540/0xffc0,ct_state=+new-inv+trk,actions=conjunction(7,1/3),conjunction(8,2/2)",
            new(3, 5,
                Match.Any.With(Field.EthType, 0x86dd).With(Field.IpProto, 6).With(Field.CtState, 0x21, 0x31).With(Field.TcpDst, 0x1540, 0xffc0),
                [new Conjunction(7, 1, 3), new Conjunction(8, 2, 2)],
                1)
        },
        {
            "cookie=0x1,table=4,priority=5,nw_src=10.0.0.0/8,ipv6_dst=fd00::/8,reg3=0x5,actions=ct(commit,table=9,zone=NXM_NX_REG6[0..15],exec(set_field:0x7->ct_mark,move:NXM_NX_XXREG1[]->NXM_NX_CT_LABEL[]))",
            new(4, 5,
                Match.Any.With(Field.Ipv4Src, 0x0a000000, 0xff000000).With(Field.Ipv6Dst, (UInt128)0xfd << 120, (UInt128)0xff << 120).With(Field.Registers[3], 5),
                [
                    new Conntrack(true, new(Field.Registers[6], 0, 16), 9,
                        [new SetField(Field.CtMark, 7), new Move(Subfield.Whole(Field.WidestRegisters[1]), Subfield.Whole(Field.CtLabel))]),
                ],
                1)
        },
        {
            "cookie=0x1,table=5,priority=5,vlan_vid=0x1064,nw_src=10.0.0.1/255.0.0.255,actions=pop_vlan,push_vlan:0x8100,set_field:0x1065->vlan_vid,output:\"trunk0\"",
            new(5, 5,
                Match.Any.With(Field.VlanVid, 0x1064).With(Field.Ipv4Src, 0x0a000001, 0xff0000ff),
                [new PopVlan(), new PushVlan(), new SetField(Field.VlanVid, 0x1065), new Output(PortName.Parse("trunk0"))],
                1)
        },
        {
            "cookie=0x1,table=6,priority=5,icmp6,icmpv6_type=135,nd_target=fe80::1,actions=move:NXM_NX_REG0[3]->NXM_NX_REG1[31]",
            new(6, 5,
                Match.Any.With(Field.EthType, 0x86dd).With(Field.IpProto, 58).With(Field.Icmpv6Type, 135).With(Field.NdTarget, ((UInt128)0xfe80 << 112) | 1),
                [new Move(new(Field.Registers[0], 3, 1), new(Field.Registers[1], 31, 1))],
                1)
        },
        {
            "cookie=0x1,table=43,priority=10,actions=bundle_load(eth_src,0,active_backup,ofport,NXM_NX_REG13[16..31],members:\"ips-in\"),goto_table:44",
            new(43, 10, Match.Any, [new BundleLoad(PortName.Parse("ips-in"), new(Field.Registers[13], 16, 16)), new GotoTable(44)], 1)
        },
        {
            "cookie=0x1,table=0,priority=100,in_port=\"gnv\",vlan_vid=0x1064,tun_id=0x800005,actions=set_field:0->in_port,set_field:0x200005->tun_id,output:\"gnv\"",
            new(0, 100, Match.OnPort(PortName.Parse("gnv")).With(Field.TunnelId, 0x800005).With(Field.VlanVid, 0x1064), [new ForgetInPort(), new SetField(Field.TunnelId, 0x200005), new Output(PortName.Parse("gnv"))], 1)
        },
        {
            // IPv4-mapped bits in an IPv6 field are no IPv4 address.
            "cookie=0x1,table=6,priority=5,ipv6_src=::ffff:10.0.0.1,actions=drop",
            new(6, 5, Match.Any.With(Field.Ipv6Src, IpAddress.FromIPv4(0x0a000001).Bits), [], 1)
        },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Flow_prints_as_a_line_for_ovs_ofctl(string line, Flow flow) => Assert.Equal(line, FlowText.Print(flow));

    [Theory]
    [MemberData(nameof(Lines))]
    public void Line_parses_to_its_flow(string line, Flow flow) => Assert.Equal(flow, FlowTextParser.Parse(line));

    [Fact]
    public void Flow_survives_text_and_back() =>
        RandomFlows.Flows.Sample(flow => Assert.Equal(flow, FlowTextParser.Parse(FlowText.Print(flow))), iter: 20_000);

    [Fact]
    public void Parser_takes_a_protocol_spelled_out_and_prints_its_keyword() =>
        Assert.Equal(
            "cookie=0x1,table=0,priority=1,tcp,actions=drop",
            FlowTextParser.Parse("cookie=1, table=0x0, priority=1, dl_type=0x800, nw_proto=6, actions=drop").ToString());

    [Theory]
    [InlineData("", "no actions")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=", "a part is missing")]
    [InlineData("cookie=0x1,table=0,actions=drop", "names its cookie, table and priority")]
    [InlineData("cookie=0x1,cookie=0x1,table=0,priority=1,actions=drop", "'cookie' is no field")]
    [InlineData("cookie=0x1,table=256,priority=1,actions=drop", "'256' is not a number up to 255")]
    [InlineData("cookie=0x1,table=0,priority=65536,actions=drop", "'65536' is not a number up to 65535")]
    [InlineData("cookie=0x10000000000000000,table=0,priority=1,actions=drop", "is not a number up to")]
    [InlineData("cookie=0x1,table=0,priority=1,gre,actions=drop", "'gre' is no protocol")]
    [InlineData("cookie=0x1,table=0,priority=1,nw_tos=3,actions=drop", "'nw_tos' is no field")]
    [InlineData("cookie=0x1,table=0,priority=1,ip,ip,actions=drop", "dl_type is matched twice")]
    [InlineData("cookie=0x1,table=0,priority=1,xreg0=1,reg1=1,actions=drop", "reg1 is matched twice")]
    [InlineData("cookie=0x1,table=0,priority=1,in_port=3,actions=drop", "a port is written in quotes")]
    [InlineData("cookie=0x1,table=0,priority=1,in_port=\"a b\",actions=drop", "'a b' is not a port name")]
    [InlineData("cookie=0x1,table=0,priority=1,in_port=\"x,actions=\",actions=drop", "a port is written in quotes")]
    [InlineData("cookie=0x1,table=0,priority=1,nw_src=10.0.0.1/8,actions=drop", "bits outside its mask")]
    [InlineData("cookie=0x1,table=0,priority=1,nw_src=0.0.0.0/0,actions=drop", "matches everything")]
    [InlineData("cookie=0x1,table=0,priority=1,nw_src=fd00::1,actions=drop", "is not IPv4")]
    [InlineData("cookie=0x1,table=0,priority=1,ipv6_src=10.0.0.1,actions=drop", "is not IPv6")]
    [InlineData("cookie=0x1,table=0,priority=1,ct_state=+trk+trk,actions=drop", "is no ct_state")]
    [InlineData("cookie=0x1,table=0,priority=1,ct_state=+tr,actions=drop", "is no ct_state")]
    [InlineData("cookie=0x1,table=0,priority=1,ct_state=+,actions=drop", "is no ct_state")]
    [InlineData("cookie=0x1,table=0,priority=1,ct_state=,actions=drop", "matches everything")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=NORMAL", "'NORMAL' is no action")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=resubmit(,5", "open in")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=drop,drop", "'drop' is no action")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=conjunction(1,3/2)", "clause 3 of 2")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=conjunction(1,1/65)", "clause 1 of 65")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=conjunction(1/1,2)", "is not conjunction(id,clause/clauses)")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=set_field:1->in_port", "'in_port' is no field to set")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=set_field:+new->ct_state", "which cannot be written")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=set_field:0x0/0x0->reg0", "bits outside the field or its mask")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=move:NXM_NX_REG0[0..7]->NXM_NX_REG1[]", "move of 8 bits to 32")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=move:NXM_NX_REG0[0..32]->NXM_NX_REG1[]", "is outside the field")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=move:NXM_NX_REG0[9..8]->NXM_NX_REG1[]", "is outside the field")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=ct(commit)", "ct names no zone")]
    [InlineData("cookie=0x1,table=0,priority=1,actions=ct(zone=NXM_NX_REG0[0..15],exec(ct(zone=NXM_NX_REG0[0..15])))", "ct(exec) cannot do")]
    public void Parser_says_what_is_wrong(string line, string part) => Assert.Contains(part, Assert.Throws<FormatException>(() => FlowTextParser.Parse(line)).Message);

    [Fact]
    public void Parser_refuses_a_line_that_is_too_long() =>
        Assert.Throws<FormatException>(() => FlowTextParser.Parse("actions=" + new string('(', FlowTextParser.MaxLineLength)));

    [Fact]
    public void Parser_throws_nothing_but_FormatException_on_mutated_lines() =>
        Gen.Select(RandomFlows.Flows, Gen.Int[0, 100_000], Gen.Char[" !\"#$%&'()*+,-./059:=>abc[]xt~é\0"], Gen.Int[0, 3]).Sample((flow, at, c, how) =>
        {
            var line = FlowText.Print(flow);
            at %= line.Length;
            var mutated = how switch
            {
                0 => line[..at] + c + line[at..],
                1 => line[..at] + line[(at + 1)..],
                2 => line[..at] + c + line[(at + 1)..],
                _ => line[..at] + line[(line.Length / 2)..],
            };
            AssertParsesOrIsRefused(mutated);
        }, iter: 50_000);

    [Fact]
    public void Parser_throws_nothing_but_FormatException_on_random_text() =>
        Gen.Select(Gen.String, Gen.String).Sample((a, b) => AssertParsesOrIsRefused($"cookie=0x1,table=0,priority=1,{a},actions={b}"), iter: 20_000);

    private static void AssertParsesOrIsRefused(string line)
    {
        Flow flow;
        try
        {
            flow = FlowTextParser.Parse(line);
        }
        catch (FormatException)
        {
            return;
        }

        // What was understood has one canonical spelling.
        Assert.Equal(flow, FlowTextParser.Parse(flow.ToString()));
    }
}
