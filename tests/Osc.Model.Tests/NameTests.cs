using CsCheck;
using Xunit;

namespace Osc.Model.Tests;

public sealed class NameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("web-1")]
    [InlineData("a--b")]
    public void Label_of_RFC_1123_is_a_name(string text) => Assert.Equal(text, Name.Parse(text).Value);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("A")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("é")]
    public void Other_text_is_no_name(string? text) => Assert.False(Name.TryParse(text, out _));

    [Fact]
    public void Name_has_at_most_63_characters()
    {
        Assert.True(Name.TryParse(new string('a', 63), out _));
        Assert.Contains("1 to 63", Assert.Throws<FormatException>(() => Name.Parse(new string('a', 64))).Message);
    }

    [Fact]
    public void Default_name_has_no_value() => Assert.Throws<InvalidOperationException>(() => default(Name).Value);

    [Fact]
    public void Names_are_ordered_by_their_bytes() => Assert.True(Name.Parse("a-1").CompareTo(Name.Parse("a1")) < 0);

    [Fact]
    public void Qualified_name_is_read_in_its_home()
    {
        var home = Name.Parse("shop");
        Assert.True(QualifiedName.TryParse("web", home, out var own));
        Assert.Equal("shop/web", own.ToString());
        Assert.Equal("web", own.ToString(home));
        Assert.True(QualifiedName.TryParse("bank/web", home, out var other));
        Assert.Equal("bank/web", other.ToString(home));
    }

    [Theory]
    [InlineData("web")]
    [InlineData("/web")]
    [InlineData("shop/")]
    [InlineData("shop/web/x")]
    [InlineData("Shop/web")]
    public void Qualified_name_alone_needs_its_tenant(string text) =>
        Assert.Contains("is not of the form tenant/name", Assert.Throws<FormatException>(() => QualifiedName.Parse(text)).Message);

    [Fact]
    public void Qualified_name_needs_text() => Assert.False(QualifiedName.TryParse(null, Tenants.Default, out _));

    [Theory]
    [InlineData("vif3.0")]
    [InlineData("patch:a@b/c+d#e_f-g")]
    [InlineData("8c3f1a0e-6b7b-4a4f-9f11-0f2f2f4c1c11")]
    public void Port_name_takes_what_switches_and_clouds_use(string text) => Assert.Equal(text, PortName.Parse(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("a=b")]
    [InlineData("a\"b")]
    [InlineData("a(b")]
    [InlineData("a\\b")]
    [InlineData("é")]
    public void Port_name_takes_nothing_that_means_something_in_flow_text(string? text) => Assert.False(PortName.TryParse(text, out _));

    [Fact]
    public void Port_name_has_at_most_255_characters()
    {
        Assert.True(PortName.TryParse(new string('a', 255), out _));
        Assert.Contains(PortName.Allowed, Assert.Throws<FormatException>(() => PortName.Parse(new string('a', 256))).Message);
        Assert.Throws<InvalidOperationException>(() => default(PortName).Value);
    }

    [Fact]
    public void Revisions_count_up()
    {
        Assert.Equal(new Revision(1), Revision.None.Next);
        Assert.True(Revision.None.CompareTo(new(1)) < 0);
        Assert.Equal("17", new Revision(17).ToString());
    }

    [Fact]
    public void Lists_compare_by_their_elements() => Gen.Select(Gen.Int[0, 3].Array[0, 3], Gen.Int[0, 3].Array[0, 3]).Sample((a, b) =>
    {
        var (left, right) = (a.ToValueList(), b.ToValueList());
        Assert.Equal(a.SequenceEqual(b), left.Equals(right));
        Assert.True(!left.Equals(right) || left.GetHashCode() == right.GetHashCode());
        Assert.Equal($"[{string.Join(", ", a)}]", left.ToString());
    });
}
