using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Osc.Audit.Merkle;
using Osc.Model;

namespace Osc.Audit.Verification;

/// <summary>
/// The first line of an archive of records, a JSON object; the records follow, a line each (<see cref="AuditJson"/>). With it an archive can be held against
/// a checkpoint on its own: what stands for the records before it, and how the tree went on to a checkpoint after it.
/// </summary>
/// <param name="First">The first record's sequence number.</param>
/// <param name="Last">The last record's.</param>
/// <param name="Peaks">Those of the records before the first.</param>
/// <param name="Checkpoint">A signed note of the size of <paramref name="Proof"/>.</param>
/// <param name="Proof">From the last record to the checkpoint.</param>
public sealed record ArchiveHeader(long First, long Last, ValueList<TreeHash> Peaks, string Checkpoint, ConsistencyProof Proof)
{
    private const string Format = "osc/v1";

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("archive", Format);
        json.WriteNumber("first", First);
        json.WriteNumber("last", Last);
        WriteHashes(json, "peaks", Peaks);
        json.WriteString("checkpoint", Checkpoint);
        json.WriteNumber("size", Proof.NewSize);
        WriteHashes(json, "proof", Proof.Hashes);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote. Nothing in it need be right: whoever uses it finds out.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, [NotNullWhen(true)] out ArchiveHeader? header)
    {
        header = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            using var parsed = JsonDocument.ParseValue(ref reader);
            var json = parsed.RootElement;
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("archive", out var format) || !format.ValueEquals(Format))
            {
                return false;
            }

            var last = json.GetProperty("last").GetInt64();
            header = new(
                json.GetProperty("first").GetInt64(), last, HashesOf(json.GetProperty("peaks")), json.GetProperty("checkpoint").GetString() ?? "",
                new(last, json.GetProperty("size").GetInt64(), HashesOf(json.GetProperty("proof"))));
            return header.First >= 1 && header.Last >= header.First;
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private static void WriteHashes(Utf8JsonWriter json, string name, ValueList<TreeHash> hashes)
    {
        json.WriteStartArray(name);
        foreach (var hash in hashes)
        {
            json.WriteStringValue(hash.ToString());
        }

        json.WriteEndArray();
    }

    private static ValueList<TreeHash> HashesOf(JsonElement array) =>
        array.EnumerateArray().Select(h => TreeHash.TryParse(h.GetString(), out var hash) ? hash : throw new FormatException("no hash")).ToValueList();
}
