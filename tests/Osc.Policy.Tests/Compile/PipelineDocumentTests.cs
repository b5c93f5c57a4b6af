using System.Text;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Xunit;

namespace Osc.Policy.Tests.Compile;

/// <summary>The tables of docs/pipeline.md say what the code says. OSC_UPDATE_GOLDEN=1 prints them anew.</summary>
public sealed class PipelineDocumentTests
{
    [Theory]
    [InlineData("tables")]
    [InlineData("registers")]
    [InlineData("cookies")]
    public void Pipeline_document_says_what_the_code_says(string section)
    {
        var path = Path.Combine(Repository.Root, "docs", "pipeline.md");
        var text = File.ReadAllText(path);
        var begin = $"<!-- {section}: printed by {nameof(PipelineDocumentTests)} -->\n";
        var start = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var end = text.IndexOf("<!-- end -->", start, StringComparison.Ordinal);
        var printed = Print(section);
        if (Repository.UpdatesGolden)
        {
            File.WriteAllText(path, text[..start] + printed + text[end..]);
            return;
        }

        Assert.Equal(printed, text[start..end]);
    }

    private static string Print(string section)
    {
        var text = new StringBuilder("\n");
        foreach (var line in section switch { "tables" => Tables(), "registers" => RegisterRows(), _ => Cookies() })
        {
            text.Append(line).Append('\n');
        }

        return text.Append('\n').ToString();
    }

    private static IEnumerable<string> Tables() =>
    [
        "| table | name | what it does | matches | leads to |",
        "|---|---|---|---|---|",
        .. PipelineTable.All.Select(t => $"| {t.Id} | {t.Name} | {t.Purpose} | {string.Join(" ", t.Matches.Select(f => $"`{f.Name}`"))} | {string.Join(", ", t.Next.Select(NameOf))} |"),
    ];

    private static string NameOf(byte id) => PipelineTable.All.Single(t => t.Id == id).Name;

    private static IEnumerable<string> RegisterRows() => ["| register | carries |", "|---|---|", .. Registers.Meanings.Select(m => $"| `{m.Field.Name}` | {m.Meaning} |")];

    private static IEnumerable<string> Cookies() => ["| bits 32-39 | for |", "|---|---|", .. Enum.GetValues<FlowPurpose>().Select(p => $"| {(byte)p} | {p} |")];
}
