using System.Text.Json.Nodes;
using Osc.Lab;

namespace Osc.Integration.Crash;

/// <summary>
/// The audit log, read as an export and played from the beginning: what it says that the documents are and were, and which records each act left. It shares nothing with
/// the store. What it has read once must be there again, byte by byte, at the beginning of every later export.
/// </summary>
internal sealed class LogReplay
{
    private readonly Dictionary<string, (long Revision, string Json)> documents = [];
    private readonly List<(string Key, long From, long To, string Json)> past = [];
    private readonly Dictionary<string, List<Record>> byReason = [];
    private string text = "";

    /// <summary>The last record's number.</summary>
    public long Size { get; private set; }

    /// <summary>The last revision.</summary>
    public long Revision { get; private set; }

    /// <summary>Records of documents by revision, from 1 on.</summary>
    public List<int> Changes { get; } = [];

    /// <summary>Names of tokens, as far as they are not revoked.</summary>
    public HashSet<string> Tokens { get; } = [];

    /// <summary>Acts that left records.</summary>
    public IEnumerable<string> Reasons => byReason.Keys;

    /// <summary>Takes a newer export of the whole log.</summary>
    /// <exception cref="LabException">It is not what was read before and more of it, without a gap.</exception>
    public void Take(string export)
    {
        Demand(export.StartsWith(text, StringComparison.Ordinal), $"the log's first {Size} records are others now");
        Demand(export.Length == 0 || export.EndsWith('\n'), "the export ends within a record");
        foreach (var line in export[text.Length..].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Take(Record.Of(JsonNode.Parse(line)!)); // a line is no JSON null
        }

        text = export;
    }

    /// <summary>Documents by key, as JSON, as they were at a revision.</summary>
    public Dictionary<string, string> DocumentsAt(long revision) =>
        past.Where(p => p.From <= revision && revision < p.To).Select(p => (p.Key, p.Json))
            .Concat(documents.Where(d => d.Value.Revision <= revision).Select(d => (d.Key, d.Value.Json)))
            .ToDictionary(d => d.Key, d => d.Json);

    /// <summary>Whether an act is there: wholly, and once.</summary>
    /// <returns>Its revision, 0 for an act that makes none; null if nothing of it is there.</returns>
    /// <exception cref="LabException">A part of it is there, or it is there twice.</exception>
    public long? Find(Act act)
    {
        if (!byReason.TryGetValue(act.Id, out var records))
        {
            return null;
        }

        var expected = act.Documents.Keys.Select(k => $"{k} {(act.Documents[k] is null ? "gone" : "there")}").Concat(act.Records);
        var found = records.Where(r => r.Action != "rollout.start").Select(r => r.Document is { } key ? $"{key} {(r.After is null ? "gone" : "there")}" : r.Action);
        Demand(expected.Order().SequenceEqual(found.Order()), $"{act} left only: {string.Join(", ", found)}");
        Demand(records.Select(r => (r.Revision, r.RequestId)).Distinct().Count() == 1, $"{act} is there more than once");
        foreach (var record in records.Where(r => r.Document is not null))
        {
            Demand(JsonNode.DeepEquals(record.After is { } json ? JsonNode.Parse(json) : null, act.Documents[record.Document!]), $"{act} wrote {record.After}"); // filtered
        }

        Demand(act.RequestId is null || act.End != ActEnd.Done || records[0].RequestId == act.RequestId, $"{act} was request {records[0].RequestId} and {act.RequestId}");
        return records[0].Revision;
    }

    /// <exception cref="LabException">Something does not hold.</exception>
    public static void Demand(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new LabException(otherwise);
        }
    }

    private void Take(Record record)
    {
        Demand(record.Sequence == Size + 1, $"record {record.Sequence} follows record {Size}");
        Size = record.Sequence;
        if (record.Reason.Length > 0)
        {
            (byReason.TryGetValue(record.Reason, out var records) ? records : byReason[record.Reason] = []).Add(record);
        }

        if (record.Action is "token.make")
        {
            Demand(Tokens.Add(record.Name), $"token {record.Name} was made twice");
        }
        else if (record.Action is "token.revoke")
        {
            Demand(Tokens.Remove(record.Name), $"token {record.Name} was revoked, and is none");
        }
        else if (record.Document is { } key)
        {
            TakeDocument(record, key);
        }
    }

    private void TakeDocument(Record record, string key)
    {
        Demand(record.Revision == Revision || record.Revision == Revision + 1, $"record {record.Sequence} is of revision {record.Revision}, after {Revision}");
        if (record.Revision > Revision)
        {
            Revision = record.Revision;
            Changes.Add(0);
        }

        Changes[^1]++;
        Demand(record.Before == (documents.TryGetValue(key, out var before) ? before.Json : null), $"record {record.Sequence} says that {key} was {record.Before}, and it was {before.Json}");
        if (before.Json is not null)
        {
            past.Add((key, before.Revision, record.Revision, before.Json));
        }

        if (record.After is { } after)
        {
            documents[key] = (record.Revision, after);
        }
        else
        {
            documents.Remove(key);
        }
    }

    private sealed record Record(long Sequence, string Action, string Name, string? Document, long Revision, string Reason, string RequestId, string? Before, string? After)
    {
        public static Record Of(JsonNode line) => new(
            (long)line["sequence"]!,
            (string)line["action"]!,
            (string)line["name"]!,
            ((string)line["action"]!).StartsWith("document.", StringComparison.Ordinal) ? $"{line["tenant"]}/{line["kind"]}/{line["name"]}" : null,
            (long)line["revision"]!,
            (string)line["reason"]!,
            (string)line["requestId"]!,
            line["before"]?.ToJsonString(),
            line["after"]?.ToJsonString());
    }
}
