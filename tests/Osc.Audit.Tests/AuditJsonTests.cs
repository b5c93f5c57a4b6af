using System.Text;
using System.Text.Json;
using CsCheck;
using Xunit;

namespace Osc.Audit.Tests;

public sealed class AuditJsonTests
{
    [Fact]
    public void Record_is_written_with_every_field_and_its_documents_as_json() =>
        Assert.Equal(
            """{"sequence":7,"time":"2026-11-01T12:30:15.123456Z","actor":"alice","address":"192.0.2.7","requestId":"r-1","action":"document""" +
            """.update","tenant":"shop","kind":"Policy","name":"shop-app","revision":42,"reason":"ticket 42","outcome":"ok","before":{"a":1},"after":{"a":"é"}}""",
            Print(Records.Full));

    [Fact]
    public void Absent_documents_are_null() =>
        Assert.EndsWith(""","before":null,"after":null}""", Print(Records.Full with { Before = null, After = null }), StringComparison.Ordinal);

    [Fact]
    public void Record_that_is_read_back_is_the_same_to_the_byte_of_its_leaf() => Records.Any.Sample(record =>
    {
        using var json = JsonDocument.Parse(Print(record));
        var read = AuditJson.Read(json.RootElement);
        Assert.Equal(record, read);
        Assert.Equal(AuditLeaf.HashOf(record), AuditLeaf.HashOf(read));
    });

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"sequence":"one"}""")]
    [InlineData("""{"sequence":1,"time":"yesterday"}""")]
    [InlineData("""{"sequence":1,"time":"2026-11-01T12:30:15Z","actor":null}""")]
    public void Something_else_is_refused(string text)
    {
        using var json = JsonDocument.Parse(text);
        Assert.StartsWith("this is no audit record: ", Assert.Throws<JsonException>(() => AuditJson.Read(json.RootElement)).Message, StringComparison.Ordinal);
    }

    private static string Print(AuditRecord record)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            AuditJson.Write(json, record);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
