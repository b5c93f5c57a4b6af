using System.Globalization;
using System.Text.Json;
using Osc.Model;

namespace Osc.Audit;

/// <summary>
/// A record as JSON, as the API and exports show it: every field, with the documents before and after as JSON values whose text
/// is left as it was stored, so that what is read back has the same leaf hash.
/// </summary>
public static class AuditJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static void Write(Utf8JsonWriter json, AuditRecord record)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence", record.Sequence);
        json.WriteString("time", record.Time.ToString(TimeFormat, CultureInfo.InvariantCulture));
        json.WriteString("actor", record.Actor);
        json.WriteString("address", record.Address);
        json.WriteString("requestId", record.RequestId);
        json.WriteString("action", record.Action);
        json.WriteString("tenant", record.Tenant);
        json.WriteString("kind", record.Kind);
        json.WriteString("name", record.Name);
        json.WriteNumber("revision", record.Revision.Number);
        json.WriteString("reason", record.Reason);
        json.WriteString("outcome", record.Outcome);
        WriteRaw(json, "before", record.Before);
        WriteRaw(json, "after", record.After);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="JsonException">It is no such object.</exception>
    public static AuditRecord Read(JsonElement json)
    {
        try
        {
            return new()
            {
                Sequence = json.GetProperty("sequence").GetInt64(),
                Time = json.GetProperty("time").GetDateTimeOffset(),
                Actor = TextOf(json, "actor"),
                Address = TextOf(json, "address"),
                RequestId = TextOf(json, "requestId"),
                Action = TextOf(json, "action"),
                Tenant = TextOf(json, "tenant"),
                Kind = TextOf(json, "kind"),
                Name = TextOf(json, "name"),
                Revision = new Revision(json.GetProperty("revision").GetInt64()),
                Reason = TextOf(json, "reason"),
                Outcome = TextOf(json, "outcome"),
                Before = RawOf(json, "before"),
                After = RawOf(json, "after"),
            };
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException($"this is no audit record: {wrong.Message}", wrong);
        }
    }

    private static void WriteRaw(Utf8JsonWriter json, string name, string? value)
    {
        json.WritePropertyName(name);
        if (value is null)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteRawValue(value);
        }
    }

    private static string TextOf(JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");

    private static string? RawOf(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.GetRawText() : null;
}
