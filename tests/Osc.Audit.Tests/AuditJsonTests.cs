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
        var read = AuditJson.Read(Encoding.UTF8.GetBytes(Print(record)));
        Assert.Equal(record, read);
        Assert.Equal(AuditLeaf.HashOf(record), AuditLeaf.HashOf(read));
    });

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"sequence":"one"}""")]
    [InlineData("""{"sequence":1,"time":"yesterday"}""")]
    [InlineData("""{"sequence":1,"time":"2026-11-01T12:30:15.000000Z","actor":null}""")]
    [InlineData("not JSON")]
    [InlineData("")]
    public void Something_else_is_refused(string text) => AssertRefused(text);

    [Fact]
    public void Record_with_anything_more_less_or_otherwise_is_refused()
    {
        var line = Print(Records.Full);
        AuditJson.Read(Encoding.UTF8.GetBytes(line));

        AssertRefused(line + line);
        AssertRefused(line[..^1]);
        AssertRefused(line[..^1] + ",\"more\":1}");
        AssertRefused(line[..^1] + ",\"after\":1}");
        AssertRefused(line.Replace("\"actor\":\"alice\",", "", StringComparison.Ordinal));
        AssertRefused(line.Replace("\"actor\":\"alice\",", "\"actor\":\"alice\",\"actor\":\"alice\",", StringComparison.Ordinal));
        AssertRefused(line.Replace(".123456Z", ".1234561Z", StringComparison.Ordinal));
        AssertRefused(line.Replace("\"revision\":42", "\"revision\":4.2", StringComparison.Ordinal));
    }

    private static void AssertRefused(string text) => Assert.StartsWith(
        "this is no audit record: ", Assert.Throws<JsonException>(() => AuditJson.Read(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);

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
