using System.Text.Json;
using Osc.Cli.Terminal;
using Osc.Model.Documents;
using Osc.Policy.Documents;

namespace Osc.Cli.Offline;

/// <summary>
/// The fields in which two versions of a document differ. List items that have a name are told apart by it, so that a rule
/// put in between does not make all that follow look changed; other list items are there or not.
/// </summary>
internal static class DocumentDifference
{
    /// <returns>A line for each difference: "path: old -> new", "path + item", "path - item".</returns>
    public static IReadOnlyList<string> Between(Document before, Document after)
    {
        using var old = JsonDocument.Parse(DocumentPrinter.ToJson(before));
        using var fresh = JsonDocument.Parse(DocumentPrinter.ToJson(after));
        return Between(old.RootElement, fresh.RootElement);
    }

    /// <summary>The same of documents as JSON.</summary>
    public static IReadOnlyList<string> Between(JsonElement before, JsonElement after)
    {
        var lines = new List<string>();
        Compare(lines, "", before, after);
        return lines;
    }

    private static void Compare(List<string> lines, string path, JsonElement before, JsonElement after)
    {
        if (before.ValueKind == JsonValueKind.Object && after.ValueKind == JsonValueKind.Object)
        {
            CompareFields(lines, path, before, after);
        }
        else if (before.ValueKind == JsonValueKind.Array && after.ValueKind == JsonValueKind.Array)
        {
            CompareItems(lines, path, before, after);
        }
        else if (Text(before) != Text(after))
        {
            lines.Add($"{path}: {Text(before)} -> {Text(after)}");
        }
    }

    private static void CompareFields(List<string> lines, string path, JsonElement before, JsonElement after)
    {
        foreach (var name in before.EnumerateObject().Concat(after.EnumerateObject()).Select(f => f.Name).Distinct())
        {
            var field = path.Length == 0 ? name : $"{path}.{name}";
            switch (before.TryGetProperty(name, out var old), after.TryGetProperty(name, out var fresh))
            {
                case (true, true):
                    Compare(lines, field, old, fresh);
                    break;
                case (true, false):
                    lines.Add($"{field}: {Text(old)} -> (default)");
                    break;
                default:
                    lines.Add($"{field}: (default) -> {Text(fresh)}");
                    break;
            }
        }
    }

    private static void CompareItems(List<string> lines, string path, JsonElement before, JsonElement after)
    {
        var old = before.EnumerateArray().Select(Keyed).ToList();
        var fresh = after.EnumerateArray().Select(Keyed).ToList();
        lines.AddRange(old.Where(o => !fresh.Exists(f => f.Key == o.Key)).Select(o => $"{path} - {Text(o.Item)}"));
        foreach (var (key, item) in fresh)
        {
            if (old.Find(o => o.Key == key) is { Key: not null } known)
            {
                Compare(lines, $"{path}[{key}]", known.Item, item);
            }
            else
            {
                lines.Add($"{path} + {Text(item)}");
            }
        }

        var order = old.Select(o => o.Key).Where(k => fresh.Exists(f => f.Key == k)).ToList();
        var newOrder = fresh.Select(f => f.Key).Where(k => old.Exists(o => o.Key == k)).ToList();
        if (!order.SequenceEqual(newOrder))
        {
            lines.Add($"{path}: order {string.Join(", ", order)} -> {string.Join(", ", newOrder)}");
        }
    }

    private static (string Key, JsonElement Item) Keyed(JsonElement item) =>
        (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var name) ? Text(name) : Text(item), item);

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : JsonSerializer.Serialize(value, AnswerJson.Compact);
}
