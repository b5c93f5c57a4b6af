using System.Globalization;
using Osc.Flows;

namespace Osc.Benchmarks;

/// <summary>Any number of flows of the pipeline's shapes, in about the shares that a host of many groups and rules has.</summary>
internal static class PipelineFlows
{
    public static FlowSet Of(int count) => FlowSet.Of(Enumerable.Range(0, count).Select(i => FlowTextParser.Parse(Line(i))));

    private static string Line(int i) => (i % 20) switch
    {
        // Half: address to class, a register lookup of a mapped IPv4 address.
        < 10 => Text(FlowPurpose.Identity, i, 40, 1128, $"reg12=0x0,reg13=0x0,reg14=0xffff,reg15=0x{0x0a000000 + i:x}", $"set_field:0x{i:x}->reg8"),

        // A quarter: clauses of conjunctions over classes and ports.
        < 13 => Text(FlowPurpose.Rule, i, 60, 2000, $"ip,ct_state=-inv+trk,reg4=0x{i:x}", $"conjunction({i},1/3)"),
        < 15 => Text(FlowPurpose.Rule, i, 60, 2000, $"tcp,ct_state=-inv+trk,ct_nw_proto=6,ct_tp_src={i & 0xffff},ct_tp_dst={i >> 16}", $"conjunction({i},3/3)"),

        // A fifth: rules as direct flows.
        < 19 => Text(FlowPurpose.Rule, i, 61, 3000, $"ip,ct_state=-inv+trk,reg4=0x{i:x},reg5=0x{i / 3:x},ct_nw_proto=6,ct_tp_dst=443",
            $"set_field:0x1->reg10,set_field:0x{i:x}->reg11,goto_table:70"),

        // The rest: tracking by vrf.
        _ => Text(FlowPurpose.Port, i, 20, 100, $"ip,reg0=0x{i:x},dl_src=02:00:{i >> 24 & 0xff:x2}:{i >> 16 & 0xff:x2}:{i >> 8 & 0xff:x2}:{i & 0xff:x2}",
            $"set_field:0x{i & 0xffff:x}->reg1,ct(table=30,zone=NXM_NX_REG1[0..15])"),
    };

    private static string Text(FlowPurpose purpose, int number, int table, int priority, FormattableString match, FormattableString actions) =>
        string.Create(CultureInfo.InvariantCulture,
            $"cookie=0x{new FlowCookie(purpose, (uint)number).Value:x},table={table},priority={priority},{match.ToString(CultureInfo.InvariantCulture)},actions={actions.ToString(CultureInfo.InvariantCulture)}");
}
