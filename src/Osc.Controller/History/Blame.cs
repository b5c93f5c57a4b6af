using System.Text.Json;
using Osc.Model;

namespace Osc.Controller.History;

/// <summary>A field of a document as it is, and the revision since which it is so.</summary>
/// <param name="Path">As errors have it; of a list, an item is told by its name, or by what it is.</param>
/// <param name="Value">As JSON; text as it is.</param>
public sealed record BlamedField(string Path, string Value, Revision Since);

/// <summary>
/// Tells for every field of a document which revision brought it. Fields are compared by their path, and items of lists by their name where they have one, so that
/// a rule put in between does not make all that follow look new.
/// </summary>
public static class Blame
{
    /// <param name="versions">What the document was, the oldest first: canonical JSON.</param>
    /// <returns>The fields of the last version, in its order.</returns>
    public static IReadOnlyList<BlamedField> Of(IEnumerable<(Revision Revision, string Json)> versions)
    {
        Dictionary<string, BlamedField> known = [];
        IReadOnlyList<BlamedField> fields = [];
        foreach (var (revision, json) in versions)
        {
            using var parsed = JsonDocument.Parse(json);
            fields = [.. FieldsOf("", parsed.RootElement).Select(f => known.TryGetValue(f.Path, out var same) && same.Value == f.Value ? same : new(f.Path, f.Value, revision))];
            known = fields.ToDictionary(f => f.Path);
        }

        return fields;
    }

    private static IEnumerable<(string Path, string Value)> FieldsOf(string path, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object when value.EnumerateObject().Any() => value.EnumerateObject().SelectMany(p => FieldsOf(path.Length == 0 ? p.Name : $"{path}.{p.Name}", p.Value)),
        JsonValueKind.Array when value.GetArrayLength() > 0 => ItemsOf(path, value),
        JsonValueKind.String => [(path, value.GetString() ?? "")],
        _ => [(path, value.GetRawText())],
    };

    /// <summary>The same item twice is told apart by a count.</summary>
    private static IEnumerable<(string Path, string Value)> ItemsOf(string path, JsonElement list)
    {
        var seen = new Dictionary<string, int>();
        foreach (var item in list.EnumerateArray())
        {
            var isNamed = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String;
            var key = isNamed ? item.GetProperty("name").GetString() ?? "" : item.ValueKind == JsonValueKind.String ? item.GetString() ?? "" : item.GetRawText();
            seen[key] = seen.GetValueOrDefault(key) + 1;
            var place = seen[key] == 1 ? $"{path}[{key}]" : $"{path}[{key}#{seen[key]}]";
            foreach (var field in isNamed ? FieldsOf(place, item) : [(place, key)])
            {
                yield return field;
            }
        }
    }
}
