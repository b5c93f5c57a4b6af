using System.Globalization;
using Osc.Lab;
using Xunit;

namespace Osc.Integration.Attacks;

/// <summary>docs/security.md lists what is tried. OSC_UPDATE_GOLDEN=1 prints it anew.</summary>
public sealed class SecurityDocumentTests
{
    [Theory]
    [InlineData("attacks")]
    [InlineData("controls")]
    public void Security_document_lists_what_is_tried(string section)
    {
        var path = Path.Combine(PolicySet.Repository, "docs", "security.md");
        var text = File.ReadAllText(path);
        var begin = $"<!-- {section}: printed by {nameof(SecurityDocumentTests)} -->\n";
        var start = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var end = text.IndexOf("<!-- end -->", start, StringComparison.Ordinal);
        var printed = Print(section == "attacks" ? AttackList.Attacks : [.. PermittedFrames.All]);
        if (Environment.GetEnvironmentVariable("OSC_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text[..start] + printed + text[end..]);
            return;
        }

        Assert.Equal(printed, text[start..end]);
    }

    [Fact]
    public void Attack_has_a_name_of_its_own()
    {
        Assert.Equal(AttackList.Attacks.Count, AttackList.Attacks.Select(a => (a.Family, a.Name)).Distinct().Count());
        Assert.InRange(AttackList.Attacks.Count, 300, int.MaxValue);
    }

    /// <summary>A row for each family; what is tried in both address families stands once.</summary>
    private static string Print(IReadOnlyList<Attack> attacks)
    {
        var rows = attacks.GroupBy(a => a.Family).Select(g => string.Create(CultureInfo.InvariantCulture, $"| {g.Key} | {g.Count()} | {string.Join("; ", g.Select(a => WithoutFamily(a.Name)).Distinct())} |\n"));
        return $"\n| about | tried | what |\n|---|---|---|\n{string.Concat(rows)}\n";
    }

    private static string WithoutFamily(string name) => name.Replace("IPv4: ", "", StringComparison.Ordinal).Replace("IPv6: ", "", StringComparison.Ordinal);
}
