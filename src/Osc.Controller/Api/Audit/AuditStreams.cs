using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Osc.Audit;

namespace Osc.Controller.Api.Audit;

/// <summary>Writes records one after the other, in the forms that are read while they come.</summary>
internal static class AuditStreams
{
    public const string NdJson = "application/x-ndjson";

    public const string Csv = "text/csv";

    /// <summary>The form that the client asks for; null: a page.</summary>
    public static string? Accepted(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
            ? new[] { NdJson, Csv }.FirstOrDefault(type => accepted.Any(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)))
            : null;

    /// <param name="type"><see cref="NdJson"/> or <see cref="Csv"/>.</param>
    public static Task WriteAsync(Stream stream, string type, IEnumerable<AuditRecord> records, CancellationToken cancellation) =>
        type == Csv ? WriteCsvAsync(stream, records, cancellation) : WriteLinesAsync(stream, records, cancellation);

    private static async Task WriteCsvAsync(Stream stream, IEnumerable<AuditRecord> records, CancellationToken cancellation)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(AuditCsv.Header), cancellation);
        foreach (var record in records)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(AuditCsv.Line(record)), cancellation);
        }
    }

    private static async Task WriteLinesAsync(Stream stream, IEnumerable<AuditRecord> records, CancellationToken cancellation)
    {
        var line = new ArrayBufferWriter<byte>();
        await using var json = new Utf8JsonWriter(line);
        foreach (var record in records)
        {
            AuditJson.Write(json, record);
            await json.FlushAsync(cancellation);
            line.Write("\n"u8);
            await stream.WriteAsync(line.WrittenMemory, cancellation);
            line.ResetWrittenCount();
            json.Reset();
        }
    }
}
