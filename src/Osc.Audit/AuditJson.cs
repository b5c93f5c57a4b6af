using System.Globalization;
using System.Text;
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

    /// <summary>Reads what <see cref="Write"/> wrote: each field once, in this order, and none besides.</summary>
    /// <param name="line">UTF-8; the object alone, or with white space around it.</param>
    /// <exception cref="JsonException">It is no such object.</exception>
    public static AuditRecord Read(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        try
        {
            Demand(json.Read() && json.TokenType == JsonTokenType.StartObject, "an object");
            var record = new AuditRecord
            {
                Sequence = NumberOf(ref json, "sequence"u8),
                Time = DateTimeOffset.ParseExact(TextOf(ref json, "time"u8), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                Actor = TextOf(ref json, "actor"u8),
                Address = TextOf(ref json, "address"u8),
                RequestId = TextOf(ref json, "requestId"u8),
                Action = TextOf(ref json, "action"u8),
                Tenant = TextOf(ref json, "tenant"u8),
                Kind = TextOf(ref json, "kind"u8),
                Name = TextOf(ref json, "name"u8),
                Revision = new Revision(NumberOf(ref json, "revision"u8)),
                Reason = TextOf(ref json, "reason"u8),
                Outcome = TextOf(ref json, "outcome"u8),
                Before = RawOf(ref json, "before"u8, line),
                After = RawOf(ref json, "after"u8, line),
            };
            Demand(json.Read() && json.TokenType == JsonTokenType.EndObject && !json.Read(), "no more than a record");
            return record;
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or FormatException or ArgumentException)
        {
            throw new JsonException($"this is no audit record: {wrong.Message}", wrong);
        }
        catch (JsonException wrong)
        {
            throw new JsonException($"this is no audit record: {wrong.Message.Split(" LineNumber:")[0]}", wrong);
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

    private static void MoveTo(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.PropertyName || !json.ValueTextEquals(name) || !json.Read())
        {
            throw new FormatException($"'{Encoding.UTF8.GetString(name)}' is expected");
        }
    }

    private static long NumberOf(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        MoveTo(ref json, name);
        return json.GetInt64();
    }

    private static string TextOf(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        MoveTo(ref json, name);
        return json.GetString() ?? throw new FormatException($"'{Encoding.UTF8.GetString(name)}' is null");
    }

    private static string? RawOf(ref Utf8JsonReader json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> line)
    {
        MoveTo(ref json, name);
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var start = (int)json.TokenStartIndex;
        json.Skip();
        return Encoding.UTF8.GetString(line[start..(int)json.BytesConsumed]);
    }

    private static void Demand(bool isGood, string expected)
    {
        if (!isGood)
        {
            throw new FormatException($"{expected} is expected");
        }
    }
}
