using Xunit;

namespace Osc.Flows.Tests;

public sealed class FlowActionTests
{
    [Fact]
    public void Actions_refuse_what_no_switch_could_do()
    {
        Assert.Throws<ArgumentException>(() => new Subfield(Field.CtMark, 0, 33));
        Assert.Throws<ArgumentException>(() => new Subfield(Field.CtMark, 32, 1));
        Assert.Throws<ArgumentException>(() => new Subfield(Field.CtMark, 0, 0));
        Assert.Throws<ArgumentException>(() => new Subfield(Field.CtMark, -1, 1));
        Assert.Throws<ArgumentException>(() => new Subfield(Field.ConjunctionId, 0, 1));
        Assert.Throws<ArgumentException>(() => new SetField(Field.IpTtl, 256));
        Assert.Throws<ArgumentException>(() => new SetField(Field.IpTtl, 2, 1));
        Assert.Throws<ArgumentException>(() => new SetField(Field.IpTtl, 0, 0));
        Assert.Throws<ArgumentException>(() => new Move(Subfield.Whole(Field.CtMark), Subfield.Whole(Field.CtLabel)));
        Assert.Throws<ArgumentException>(() => new Conjunction(1, 0, 2));
        Assert.Throws<ArgumentException>(() => new Conjunction(1, 1, 1));
    }

    [Fact]
    public void Actions_are_equal_by_value()
    {
        Assert.Equal(new Conjunction(1, 1, 2), new Conjunction(1, 1, 2));
        Assert.Equal(new SetField(Field.CtMark, 1), new SetField(Field.CtMark, 1, uint.MaxValue));
        Assert.Equal(
            new Conntrack(true, new(Field.CtZone, 0, 16), null, [new SetField(Field.CtMark, 1)]),
            new Conntrack(true, Subfield.Whole(Field.CtZone), null, [new SetField(Field.CtMark, 1)]));
        Assert.NotEqual<FlowAction>(new Resubmit(1), new GotoTable(1));
    }

    [Fact]
    public void Cookie_says_whose_flow_it_is_and_what_for()
    {
        var cookie = new FlowCookie(FlowPurpose.Rule, 0x1234_5678);
        Assert.Equal(0x05c0_0403_1234_5678UL, cookie.Value);
        Assert.True(FlowCookie.IsOurs(cookie.Value));
        Assert.Equal(cookie, FlowCookie.Of(cookie.Value));
        Assert.False(FlowCookie.IsOurs(1));
        Assert.False(FlowCookie.IsOurs(0x05c1UL << 48));
    }
}
