using Osc.Agent.Traffic;
using Xunit;

namespace Osc.Agent.Tests.Traffic;

public sealed class KeptTrafficTests : IDisposable
{
    private const string Flow = """{"Bridge":"br0","Flow":"0a","Cookie":7,"Age":1,"At":2,"Packets":3,"Bytes":4,"Revision":5}""";

    private readonly string directory = Directory.CreateTempSubdirectory("osc").FullName;

    [Fact]
    public void Kept_counts_are_read_back()
    {
        var kept = Load(Flow, """{"Table":20,"Rule":1,"Revision":2,"IsLogged":false,"Packets":3,"Bytes":4}""", "null", out var problem);
        Assert.Null(problem);
        Assert.Equal("br0", Assert.Single(kept!.Flows).ToSeen().Key.Bridge.Value);
        Assert.Null(kept.Save(directory));
        Assert.Single(KeptTraffic.Load(directory, out _)!.Hits);
    }

    [Theory]
    [InlineData("null", "", "null")]
    [InlineData("""{"Bridge":"no name","Flow":"0a","Cookie":7,"Age":1,"At":2,"Packets":3,"Bytes":4,"Revision":5}""", "", "null")]
    [InlineData("""{"Bridge":"br0","Flow":"","Cookie":7,"Age":1,"At":2,"Packets":3,"Bytes":4,"Revision":5}""", "", "null")]
    [InlineData("""{"Bridge":"br0","Flow":"ff0102030405060708090a0b0c0d0e0f00","Cookie":7,"Age":1,"At":2,"Packets":3,"Bytes":4,"Revision":5}""", "", "null")]
    [InlineData("", "null", "null")]
    [InlineData("", """{"Table":20,"Rule":1,"Revision":2,"IsLogged":false,"Packets":9223372036854775808,"Bytes":4}""", "null")]
    [InlineData("", "", """{"Source":"s","Sequence":0,"Time":"2026-01-02T03:04:05Z","Rules":[],"Drops":[],"Connections":[]}""")]
    [InlineData("", "", """{"Source":"s","Sequence":1,"Time":"2026-01-02T03:04:05Z","Rules":[null],"Drops":[],"Connections":[]}""")]
    public void Counts_that_were_damaged_are_a_problem_and_not_used(string flow, string hits, string pending)
    {
        Assert.Null(Load(flow, hits, pending, out var problem));
        Assert.NotEmpty(problem ?? "");
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    private KeptTraffic? Load(string flow, string hits, string pending, out string? problem)
    {
        File.WriteAllText(KeptTraffic.FileIn(directory), $$"""{"Boot":"b","Source":"s","Sequence":3,"Pending":{{pending}},"Flows":[{{flow}}],"Hits":[{{hits}}]}""");
        return KeptTraffic.Load(directory, out problem);
    }
}
