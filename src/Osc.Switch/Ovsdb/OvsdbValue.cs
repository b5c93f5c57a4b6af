using System.Text.Json;

namespace Osc.Switch.Ovsdb;

/// <summary>
/// Reads OVSDB's values (RFC 7047 section 5.1): an atom, ["uuid", id], ["set", [...]], ["map", [[key, value], ...]]. An atom
/// is also a set of one. What has another form than the column's type counts as empty.
/// </summary>
internal static class OvsdbValue
{
    /// <summary>The text in a column, or null where it has none.</summary>
    public static string? Text(JsonElement row, string column) =>
        Items(row, column).FirstOrDefault() is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static long? Number(JsonElement row, string column) =>
        Items(row, column).FirstOrDefault() is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;

    /// <summary>The rows that a column refers to.</summary>
    public static IEnumerable<string> References(JsonElement row, string column) =>
        Items(row, column).Where(i => IsTagged(i, "uuid") && i[1].ValueKind == JsonValueKind.String).Select(i => i[1].GetString()!); // A string, says Where.

    /// <summary>The value of a key in a column that is a map of texts, or null.</summary>
    public static string? Entry(JsonElement row, string column, string key)
    {
        if (row.ValueKind != JsonValueKind.Object || !row.TryGetProperty(column, out var map) || !IsTagged(map, "map") || map[1].ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        foreach (var pair in map[1].EnumerateArray())
        {
            if (pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
                && pair[0].ValueKind == JsonValueKind.String && pair[0].ValueEquals(key) && pair[1].ValueKind == JsonValueKind.String)
            {
                return pair[1].GetString();
            }
        }

        return null;
    }

    private static IEnumerable<JsonElement> Items(JsonElement row, string column)
    {
        if (row.ValueKind != JsonValueKind.Object || !row.TryGetProperty(column, out var value))
        {
            return [];
        }

        return !IsTagged(value, "set") ? [value] : value[1].ValueKind == JsonValueKind.Array ? value[1].EnumerateArray() : [];
    }

    private static bool IsTagged(JsonElement value, string tag) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 2 && value[0].ValueKind == JsonValueKind.String && value[0].ValueEquals(tag);
}
