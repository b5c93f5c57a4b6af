using System.Globalization;
using System.Text;
using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>None of the attacks succeeds, and after each the controller is as it was. docs/security.md lists them; OSC_UPDATE_GOLDEN=1 prints the list anew.</summary>
public sealed class AttackTests(AttackScene scene) : IClassFixture<AttackScene>
{
    private const string Begin = "<!-- attacks on the API: printed by AttackTests -->\n";

    private const string End = "<!-- end of attacks on the API -->";

    public static TheoryData<string, string> Attacks
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var attack in Attack.All)
            {
                data.Add(attack.About, attack.Name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Attack_comes_to_nothing(string about, string name)
    {
        var attack = Attack.All.Single(a => a.About == about && a.Name == name);
        var answer = await attack.Try(scene);
        Assert.True(attack.Statuses.Contains(answer.Status), $"{answer.Status}: {answer.Text}");
        attack.Check(answer, scene);
        await scene.AssertUnharmedAsync();
    }

    [Fact]
    public async Task List_in_the_documentation_is_what_is_tried()
    {
        var table = new StringBuilder("| about | tried | what |\n|---|---|---|\n");
        foreach (var group in Attack.All.GroupBy(a => a.About))
        {
            table.Append(CultureInfo.InvariantCulture, $"| {group.Key} | {group.Count()} | {string.Join("; ", group.Select(a => a.Name))} |\n");
        }

        var page = Path.Combine(Repository.Root, "docs", "security.md");
        var text = await File.ReadAllTextAsync(page);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var wanted = $"{text[..begin]}\n{table}\n{text[end..]}";
        if (Environment.GetEnvironmentVariable("OSC_UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(page, wanted);
        }

        Assert.Equal(wanted, await File.ReadAllTextAsync(page));
    }
}
