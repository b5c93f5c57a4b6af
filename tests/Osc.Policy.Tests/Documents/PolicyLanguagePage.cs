using System.Text;
using System.Text.RegularExpressions;
using Osc.Model.Documents;
using Osc.Policy.Documents;

namespace Osc.Policy.Tests.Documents;

/// <summary>docs/policy-language.md, taken apart.</summary>
internal static partial class PolicyLanguagePage
{
    public static readonly string Text = File.ReadAllText(Repository.PathOf("docs", "policy-language.md"));

    /// <summary>The examples, as one YAML stream.</summary>
    public static string Examples => string.Join("---\n", Blocks().Where(b => b.Info == "yaml").Select(b => b.Text));

    /// <summary>The bad examples, each with the errors that stand behind it.</summary>
    public static IEnumerable<(string Yaml, string Errors)> BadExamples
    {
        get
        {
            var blocks = Blocks().ToArray();
            return blocks.Index().Where(b => b.Item.Info == "yaml bad").Select(b => (b.Item.Text, blocks[b.Index + 1].Text));
        }
    }

    /// <summary>The rows of the table whose header begins with a word, as cells.</summary>
    public static IEnumerable<string[]> Rows(string firstHeader) => Text.Split('\n')
        .SkipWhile(line => !line.StartsWith($"| {firstHeader} |", StringComparison.Ordinal))
        .Skip(2)
        .TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries));

    /// <summary>The page's last section, from what the reader knows.</summary>
    public static string FieldTables()
    {
        var page = new StringBuilder();
        foreach (var kind in Enum.GetValues<Kind>().Select(k => (Kind?)k).Prepend(null))
        {
            page.Append($"### {kind?.ToString() ?? "Every kind"}\n\n| field | what | default |\n|---|---|---|\n");
            foreach (var field in DocumentFields.All.Where(f => f.Kind == kind))
            {
                page.Append($"| `{field.Path}` | {field.Type} | {field.Default ?? "required"} |\n");
            }

            page.Append('\n');
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static IEnumerable<(string Info, string Text)> Blocks() => BlockPattern().Matches(Text).Select(m => (m.Groups["info"].Value, m.Groups["text"].Value));

    [GeneratedRegex(@"^```(?<info>[a-z ]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex BlockPattern();
}
