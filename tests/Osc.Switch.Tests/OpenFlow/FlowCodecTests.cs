using System.Globalization;
using CsCheck;
using Osc.Flows;
using Osc.Flows.Tests;
using Osc.Model;
using Osc.Switch.OpenFlow;
using Osc.Switch.Reconcile;
using Xunit;

namespace Osc.Switch.Tests.OpenFlow;

public sealed class FlowCodecTests
{
    private delegate void EntryUser(in FlowEntry entry);

    [Fact]
    public void A_decoded_flow_is_the_one_that_was_encoded() =>
        RandomFlows.Flows.Sample(flow =>
        {
            var ports = BindingFor(flow, 1);
            var isTaken = With(flow, ports, (in FlowEntry entry) =>
            {
                Assert.True(FlowDecoder.TryDecode(entry, NamesOf(ports), out var decoded, out var error), error);
                Assert.Equal(flow, decoded);
            });
            Assert.Equal(IsInSwitchOrder(flow) && !MatchesNoProtocol(flow) && !NamesTable255(flow), isTaken);
        }, iter: 5_000);

    [Fact]
    public void Random_bytes_never_throw_and_give_a_flow_or_a_reason() =>
        Gen.Select(Gen.Byte.Array[0, 120], Gen.Byte.Array[0, 200]).Sample((match, instructions) =>
        {
            var entry = new FlowEntry { Table = 0, Priority = 0, Cookie = 0, IsPlain = true, Match = match, Instructions = instructions };
            Assert.NotEqual(FlowDecoder.TryDecode(entry, number => PortName.Parse($"p{number}"), out _, out var error), error is not null);
            Fingerprint.Of(entry, out _);
            var reader = new WireReader(instructions);
            FlowEntry.Read(ref reader);
        }, iter: 50_000);

    [Fact]
    public void A_damaged_encoding_never_throws_and_gives_a_flow_or_a_reason() =>
        Gen.Select(RandomFlows.Flows, Gen.Int[0, 2000], Gen.Byte, Gen.Int[0, 40]).Sample((flow, at, value, cut) =>
        {
            With(flow, BindingFor(flow, 1), (in FlowEntry entry) =>
            {
                var match = entry.Match.ToArray();
                var instructions = entry.Instructions.ToArray();
                Damage(match, at, value);
                Damage(instructions, at, value);
                var damaged = new FlowEntry
                {
                    Table = entry.Table,
                    Priority = entry.Priority,
                    Cookie = entry.Cookie,
                    IsPlain = true,
                    Match = match.AsSpan(0, Math.Max(0, match.Length - (cut / 2))),
                    Instructions = instructions.AsSpan(0, Math.Max(0, instructions.Length - cut)),
                };
                Assert.NotEqual(FlowDecoder.TryDecode(damaged, number => PortName.Parse($"p{number}"), out _, out var error), error is not null);
                Fingerprint.Of(damaged, out _);
            });
        }, iter: 20_000);

    /// <summary>Bytes written down from OpenFlow 1.5.1 and nicira-ext's layouts, not from our encoder.</summary>
    [Theory]
    [InlineData("ip,actions=drop", "80000a02 0800", "")]
    [InlineData("in_port=\"p5\",actions=output:\"p6\"", "80000004 00000005", "0004 0018 00000000 0000 0010 00000006 0000 000000000000")]
    [InlineData("reg1=0x10/0xf0,actions=resubmit(,7)", "00010308 00000010 000000f0", "0004 0018 00000000 ffff 0010 00002320 000e fff8 07 000000")]
    [InlineData("ct_state=+new+trk,actions=goto_table:9", "0001d308 00000021 00000021", "0001 0008 09 000000")]
    [InlineData("conj_id=5,actions=conjunction(7,2/3)", "00014a04 00000005", "0004 0018 00000000 ffff 0010 00002320 0022 01 03 00000007")]
    [InlineData("actions=set_field:0x1/0x3->reg2", "", "0004 0018 00000000 0019 0010 00010508 00000001 00000003")]
    [InlineData("actions=move:NXM_NX_REG0[0..15]->NXM_NX_REG1[16..31]", "", "0004 0020 00000000 001c 0018 0010 0000 0010 0000 00010004 00010204 00000000")]
    [InlineData("actions=push_vlan:0x8100,pop_vlan", "", "0004 0018 00000000 0011 0008 8100 0000 0012 0008 00000000")]
    [InlineData(
        "actions=ct(commit,table=4,zone=NXM_NX_REG1[0..15],exec(set_field:0x7->ct_mark))", "",
        "0004 0030 00000000 ffff 0028 00002320 0023 0001 00010204 000f 04 000000 0000 0019 0010 0001d604 00000007 00000000")]
    public void Encoder_writes_the_bytes_of_the_specification(string text, string match, string instructions)
    {
        var flow = FlowTextParser.Parse($"cookie=0x0,table=0,priority=0,{text}");
        Assert.True(With(flow, BindingFor(flow, 0), (in FlowEntry entry) =>
        {
            Assert.Equal(match.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(entry.Match));
            Assert.Equal(instructions.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexStringLower(entry.Instructions));
        }));
    }

    [Theory]
    [InlineData("0004 0018 00000000 0019 0010 80000004 00000005 00000000", "the flow language has no write of field 0 of OXM class 0x8000")]
    [InlineData("0004 0028 00000000 ffff 0020 00002320 0023 0001 00010204 000f 04 000000 0000 001d 0008 00000007", "the flow language has no action 29 in ct")]
    public void Decoder_refuses_what_no_flow_text_says(string instructions, string reason)
    {
        var entry = new FlowEntry { Table = 0, Priority = 0, Cookie = 0, IsPlain = true, Match = [], Instructions = Convert.FromHexString(instructions.Replace(" ", "", StringComparison.Ordinal)) };
        Assert.False(FlowDecoder.TryDecode(entry, number => PortName.Parse($"p{number}"), out _, out var error));
        Assert.Equal(reason, error);
    }

    [Fact]
    public void Encoder_refuses_a_flow_that_no_message_can_hold()
    {
        var flow = new Flow(0, 0, Match.Any, Enumerable.Range(0, 8000).Select(i => (FlowAction)new Conjunction((uint)i, 1, 2)).ToValueList(), 0);
        using var buffer = new MessageBuffer();
        Assert.Contains("a message holds 65535", FlowEncoder.Encode(flow, PortBinding.Empty, buffer, out _), StringComparison.Ordinal);
    }

    [Fact]
    public void Encoder_refuses_what_the_switch_would_leave_out_of_its_dump()
    {
        var flow = FlowTextParser.Parse("cookie=0x0,table=0,priority=0,ip,ct_state=-inv+trk,ct_nw_proto=0,actions=drop");
        using var buffer = new MessageBuffer();
        Assert.Equal(FlowEncoder.NoConntrackProtocol, FlowEncoder.Encode(flow, PortBinding.Empty, buffer, out _));
    }

    [Theory]
    [InlineData(0, 4, 9, "OFPBMC_BAD_PREREQ")]
    [InlineData(0, 17, 13, "OFPBFC_MSG_FAILED")]
    [InlineData(0, 2, 15, "OFPBAC_BAD_SET_ARGUMENT")]
    [InlineData(0x2320, 15, 0, "NXBAC_BAD_CONJUNCTION")]
    [InlineData(0x2320, 999, 0, "error 999 of experimenter 0x2320")]
    [InlineData(0, 99, 1, "error type 99, code 1")]
    public void An_error_has_the_name_of_its_specification(uint experimenter, ushort type, ushort code, string name) =>
        Assert.Equal(name, new OpenFlowError(experimenter, type, code).ToString());

    /// <returns>Whether the flow could be encoded, and was therefore used.</returns>
    private static bool With(Flow flow, PortBinding ports, EntryUser use)
    {
        using var buffer = new MessageBuffer(16);
        if (FlowEncoder.Encode(flow, ports, buffer, out var entry) is not null)
        {
            return false;
        }

        use(entry);
        return true;
    }

    /// <summary>Numbers the flow's ports: by the number in a name such as p5, else upwards from <paramref name="first"/>.</summary>
    private static PortBinding BindingFor(Flow flow, uint first)
    {
        var numbers = new Dictionary<PortName, uint>();
        FlowPorts.Visit(flow, numbers, (all, port) =>
            all.TryAdd(port, uint.TryParse(port.Value.AsSpan(1), CultureInfo.InvariantCulture, out var number) && first == 0 ? number : first + (uint)all.Count));
        return PortBinding.Of(numbers);
    }

    private static Func<uint, PortName?> NamesOf(PortBinding ports)
    {
        var names = ports.Numbers.ToDictionary(p => p.Value, p => p.Key);
        return number => names.TryGetValue(number, out var name) ? name : null;
    }

    /// <summary>A goto_table anywhere but at the end is no flow that OpenFlow could carry.</summary>
    private static bool IsInSwitchOrder(Flow flow) => !flow.Actions.SkipLast(1).Any(a => a is GotoTable);

    private static bool MatchesNoProtocol(Flow flow) => flow.Match.Find(Field.CtNwProto) is { Value: var value } && value == 0;

    private static bool NamesTable255(Flow flow) =>
        flow.Table == 255 || flow.Actions.Any(a => a is GotoTable { Table: 255 } or Resubmit { Table: 255 } or Conntrack { Table: 255 });

    private static void Damage(byte[] bytes, int at, byte value)
    {
        if (bytes.Length > 0)
        {
            bytes[at % bytes.Length] = value;
        }
    }
}
