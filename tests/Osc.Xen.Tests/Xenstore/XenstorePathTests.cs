using CsCheck;
using Osc.Xen.Xenstore;
using Xunit;

namespace Osc.Xen.Tests.Xenstore;

public sealed class XenstorePathTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/local/domain/5/backend/vif")]
    [InlineData("backend/vif/9/0/hotplug-status")]
    [InlineData("@introduceDomain")]
    [InlineData("a_b-C9")]
    public void Path_of_allowed_characters_is_taken(string text)
    {
        Assert.True(XenstorePath.TryParse(text, out var path));
        Assert.Equal(text, path.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("//x")]
    [InlineData("/a//b")]
    [InlineData("/a/")]
    [InlineData("a/")]
    [InlineData("/a b")]
    [InlineData("/a:b")]
    [InlineData("/a\0b")]
    [InlineData("/ä")]
    public void Path_that_the_server_would_refuse_is_refused(string? text) => Assert.False(XenstorePath.TryParse(text, out _));

    [Theory]
    [InlineData("/", XenstoreLimits.AbsolutePath)]
    [InlineData("a", XenstoreLimits.RelativePath)]
    public void Path_is_limited_in_length(string start, int limit)
    {
        Assert.True(XenstorePath.TryParse(start.PadRight(limit, 'x'), out _));
        Assert.False(XenstorePath.TryParse(start.PadRight(limit + 1, 'x'), out _));
    }

    [Theory]
    [InlineData("backend/vif", "backend/vif", new string[0])]
    [InlineData("backend/vif", "backend/vif/9/0", new[] { "9", "0" })]
    [InlineData("backend/vif", "backend/vif9", null)]
    [InlineData("backend/vif", "/backend/vif/9", null)]
    [InlineData("/", "/a/b", new[] { "a", "b" })]
    public void Names_to_a_path_are_those_below(string path, string other, string[]? names) =>
        Assert.Equal(names, XenstorePath.Parse(path).NamesTo(other));

    [Fact]
    public void Any_text_is_a_path_or_not() => Gen.String.Sample(text =>
    {
        if (XenstorePath.TryParse(text, out var path))
        {
            Assert.Equal(text, path.Value);
        }
    });

    [Fact]
    public void Texts_of_a_payload_come_out_as_they_went_in() =>
        Gen.Char['\u0001', 'ÿ'].Array[0, 20].Select(c => new string(c)).Array[1, 6].Sample(texts =>
            Assert.Equal(texts, Payload.Texts(Payload.Of(texts).Span)));
}
