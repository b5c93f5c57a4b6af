using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Xunit;

namespace Osc.Audit.Tests.Checkpoints;

public sealed class KeyRingTests
{
    [Fact]
    public void Key_file_is_read_back()
    {
        var keys = KeyRing.Create("osc.example/log").Rotate().Rotate();

        Assert.True(KeyRing.TryParse(keys.Print(), out var read, out var error), error);

        Assert.Equal(3, read.All.Count);
        Assert.Equal(keys.All, read.All);
        Assert.Equal(keys.Current.Print(), read.Current.Print());
        Assert.True(read.Sign(new("osc.example/log", 1, TreeHash.Empty)).IsSignedBy(keys.All));
    }

    [Fact]
    public void Public_key_is_read_from_its_text_and_from_nothing_else()
    {
        var key = KeyRing.Create("osc.example/log").Current.Public;
        var text = key.ToString();

        Assert.True(PublicKey.TryParse(text, out var read));
        Assert.Equal(key, read);
        Assert.StartsWith($"osc.example/log+{key.Id:x8}+", text, StringComparison.Ordinal);
        Assert.All(new[] { "", "a+b", "+" + text, text[..^4], text.Replace("+", "-", StringComparison.Ordinal), $"{text[..^8]}AAAAAAAA", "PRIVATE+KEY+" + text }, wrong => Assert.False(PublicKey.TryParse(wrong, out _)));
    }

    [Fact]
    public void Damaged_key_file_is_refused_without_a_word_of_the_secret()
    {
        var keys = KeyRing.Create("osc.example/log").Rotate();
        var lines = keys.Print().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var other = KeyRing.Create("osc.example/log").Print().Split('\n');
        string[] wrong =
        [
            "",
            lines[1],
            lines[0],
            string.Join('\n', lines[0], lines[2]),
            string.Join('\n', lines[0], other[1]),
            string.Join('\n', other[0], lines[1]),
            string.Join('\n', lines[0], lines[1], "nonsense"),
            string.Join('\n', lines[0], lines[1], KeyRing.Create("another").Current.Public.ToString()),
            string.Join('\n', lines[0][..^6], lines[1]),
        ];

        Assert.All(wrong, file =>
        {
            Assert.False(KeyRing.TryParse(file, out _, out var error));
            Assert.StartsWith("line ", error, StringComparison.Ordinal);
            Assert.DoesNotContain(lines[0][40..80], error, StringComparison.Ordinal);
        });
        Assert.DoesNotContain("PRIVATE", keys.Current.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Key_on_a_curve_that_nobody_knows_is_none() => Assert.False(PublicKey.TryParse(
        "osc+00000000+AjBZMBMGByqGSM49AgEGCCqGSM39AwEHA0IABGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKdT+NC4v4af5uG5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=", out _));

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("with+plus")]
    public void Key_has_a_name_that_a_note_can_hold(string name) => Assert.Throws<ArgumentException>(() => KeyRing.Create(name));
}
