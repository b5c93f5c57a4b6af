using CsCheck;
using Osc.Model;
using Xunit;

namespace Osc.Flows.Tests;

public sealed class MatchTests
{
    [Fact]
    public void Match_splits_a_64_bit_register_upper_half_first() =>
        Assert.Equal(
            Match.Any.With(Field.Registers[2], 0x1122_3344).With(Field.Registers[3], 0x5566_7788),
            Match.Any.With(Field.WideRegisters[1], 0x1122_3344_5566_7788));

    [Fact]
    public void Match_splits_a_128_bit_register_into_four() =>
        Assert.Equal(
            Match.Any.With(Field.Registers[12], 1).With(Field.Registers[13], 2).With(Field.Registers[14], 3).With(Field.Registers[15], 4),
            Match.Any.With(Field.WidestRegisters[3], new UInt128(0x1_0000_0002, 0x3_0000_0004)));

    [Fact]
    public void Match_leaves_out_registers_that_a_wide_mask_does_not_touch() =>
        Assert.Equal(
            Match.Any.With(Field.Registers[0], 0xab00_0000, 0xff00_0000),
            Match.Any.With(Field.WidestRegisters[0], (UInt128)0xab << 120, (UInt128)0xff << 120));

    [Fact]
    public void Match_is_equal_whatever_the_order_of_its_fields() =>
        Gen.Shuffle(new[] { Field.EthType, Field.Ipv4Src, Field.Registers[0], Field.CtMark, Field.TcpDst }).Sample(order =>
        {
            var match = order.Aggregate(Match.Any, (m, f) => m.With(f, 5));
            var sorted = order.OrderBy(f => f.Index).Aggregate(Match.Any, (m, f) => m.With(f, 5));
            Assert.Equal(sorted, match);
            Assert.Equal(sorted.GetHashCode(), match.GetHashCode());
            Assert.Equal(sorted.ToString(), match.ToString());
        });

    [Fact]
    public void Match_without_mask_bits_is_as_if_the_field_were_not_named() => Assert.Equal(Match.Any, Match.Any.With(Field.Ipv4Src, 0, 0));

    [Fact]
    public void Match_differs_by_port_value_and_mask()
    {
        Assert.NotEqual(Match.OnPort(PortName.Parse("a")), Match.OnPort(PortName.Parse("b")));
        Assert.NotEqual(Match.Any.With(Field.CtMark, 1), Match.Any.With(Field.CtMark, 2));
        Assert.NotEqual(Match.Any.With(Field.CtMark, 1, 1), Match.Any.With(Field.CtMark, 1));
    }

    [Fact]
    public void Match_refuses_what_no_switch_could_mean()
    {
        Assert.Throws<ArgumentException>(() => Match.Any.With(Field.InPort, 1));
        Assert.Throws<ArgumentException>(() => Match.Any.With(Field.IpProto, 256));
        Assert.Throws<ArgumentException>(() => Match.Any.With(Field.IpProto, 2, 1));
        Assert.Throws<ArgumentException>(() => Match.Any.With(Field.IpProto, 6).With(Field.IpProto, 6));
        Assert.Throws<ArgumentException>(() => Match.Any.With(Field.CtState, 0x100, 0x100));
    }

    [Fact]
    public void Match_finds_its_fields()
    {
        var match = Match.Any.With(Field.CtMark, 1, 3);
        Assert.Equal(new FieldMatch(Field.CtMark, 1, 3), match.Find(Field.CtMark));
        Assert.False(match.Find(Field.CtMark)?.IsExact);
        Assert.Null(match.Find(Field.CtLabel));
    }

    [Fact]
    public void Every_field_is_found_by_its_name_and_by_its_header() => Assert.All(Field.All, field =>
    {
        Assert.Same(field, Field.Find(field.Name));
        Assert.Same(field, Field.Find(field.OxmClass, field.OxmNumber));
        Assert.Equal(field.Index, Field.All.ToList().IndexOf(field));
    });
}
