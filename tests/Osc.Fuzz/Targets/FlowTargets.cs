using System.Text;
using Osc.Flows;
using Osc.Fuzz.Engine;
using Osc.Model;
using Osc.Switch.OpenFlow;
using Osc.Switch.Reconcile;

namespace Osc.Fuzz.Targets;

/// <summary>Flows as text. What is taken prints and reads back the same, and goes through OpenFlow's bytes unharmed where a switch can have it.</summary>
internal static class FlowTargets
{
    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new() { Name = "flow-text", MaxBytes = 2 * 1024, Seeds = () => Lines().Select(Encoding.UTF8.GetBytes), Run = Read },
    ];

    /// <summary>Lines of the policy sets' expected flows, the longest left out, and what these do not use.</summary>
    public static IEnumerable<string> Lines() => Repository.Policies("*.flows").SelectMany(File.ReadLines).Where(l => l.Length is > 0 and < 600).Where((_, i) => i % 7 == 0).Take(150).Concat(
    [
        "cookie=0x1,table=0,priority=1,ipv6,ipv6_src=fd00::/8,ct_state=+new+trk-inv,actions=push_vlan:0x8100,set_field:0x1005->vlan_vid,output:\"trunk0\"",
        "cookie=0x1,table=1,priority=2,arp,arp_tpa=10.0.0.1,actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],CONTROLLER:65535",
        "cookie=0x1,table=2,priority=3,conj_id=5,reg1=0x10/0xf0,actions=conjunction(7,2/3),meter:4",
        "cookie=0x1,table=3,priority=4,in_port=\"vif1.0\",tcp,tcp_dst=0x50/0xfff0,actions=ct(commit,table=4,zone=NXM_NX_REG1[0..15],exec(set_field:0x7->ct_mark))",
    ]);

    private static string Read(byte[] input)
    {
        var text = Shape.Text(input);
        Flow flow;
        try
        {
            flow = FlowTextParser.Parse(text);
        }
        catch (FormatException e)
        {
            return Shape.Of(e.Message);
        }

        var printed = FlowText.Print(flow);
        Oracle.Same(flow, FlowTextParser.Parse(printed), "a printed flow is the same flow");
        Oracle.Same(printed, FlowText.Print(FlowTextParser.Parse(printed)), "a flow prints one way");
        return $"{flow.Match.Fields.Length} fields, {string.Join(",", flow.Actions.Select(a => a.GetType().Name).Distinct())}, {Encode(flow)}";
    }

    private static string Encode(Flow flow)
    {
        var numbers = new Dictionary<PortName, uint>();
        FlowPorts.Visit(flow, numbers, static (known, port) => known.TryAdd(port, (uint)known.Count + 1));
        using var buffer = new MessageBuffer();
        if (FlowEncoder.Encode(flow, PortBinding.Of(numbers), buffer, out var entry) is { } refused)
        {
            return Shape.Of(refused);
        }

        PortName? NameOf(uint number) => numbers.FirstOrDefault(n => n.Value == number) is { Key.Value: not null } known ? known.Key : null;
        var isTaken = FlowDecoder.TryDecode(entry, n => numbers.ContainsValue(n) ? NameOf(n) : null, out var decoded, out var error);
        if (isTaken)
        {
            using var again = new MessageBuffer();
            Oracle.Holds(FlowEncoder.Encode(decoded!, PortBinding.Of(numbers), again, out _) is null && again.Written.SequenceEqual(buffer.Written), "a decoded flow has the same bytes");
        }

        return isTaken ? "encoded" : Shape.Of(error!); // not taken, so there is an error
    }
}
