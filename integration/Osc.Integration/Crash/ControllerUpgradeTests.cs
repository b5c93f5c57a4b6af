using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Osc.Integration.WholeSystem;
using Osc.Lab;
using Xunit;

namespace Osc.Integration.Crash;

/// <summary>The program osc-controller started on stores that its predecessors made, and killed while it takes them over.</summary>
[SupportedOSPlatform("linux")]
public sealed class ControllerUpgradeTests
{
    private static readonly int Kills = TestScale.Times(1);

    private static readonly string Stores = Path.Combine(PolicySet.Repository, "tests", "Osc.Store.Tests", "Upgrade", "Stores");

    /// <param name="version">The store's schema: the first, one of a thousand revisions, and the last whose log was signed by the controller of its time.</param>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(12)]
    public async Task Controller_that_is_killed_while_it_takes_an_earlier_store_over_does_so_at_the_next_start(int version)
    {
        await using var space = await LabSpace.ClaimAsync("upgrade");
        var starting = TimeSpan.FromSeconds(1);
        for (var kill = 0; kill < Kills; kill++)
        {
            var directory = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, $"u{kill}")).FullName;
            var configuration = ControllerProcess.Configure(directory);
            var expected = Place(version, Path.Combine(directory, "osc.db"));
            await using (var unlucky = ControllerProcess.Start(space, configuration))
            {
                await Task.Delay(starting * Random.Shared.NextDouble());
                await unlucky.KillAsync();
            }

            var began = Stopwatch.GetTimestamp();
            var (process, server) = await ControllerProcess.StartListeningAsync(space, configuration);
            starting = Stopwatch.GetElapsedTime(began);
            await using (process)
            {
                await AssertHasAsync(server, expected, Path.Combine(directory, "held"));
            }
        }
    }

    private static JsonNode Place(int version, string path)
    {
        using (var store = new GZipStream(File.OpenRead(Path.Combine(Stores, $"{version:D4}.db.gz")), CompressionMode.Decompress))
        using (var file = File.Create(path))
        {
            store.CopyTo(file);
        }

        using var said = new GZipStream(File.OpenRead(Path.Combine(Stores, $"{version:D4}.json.gz")), CompressionMode.Decompress);
        var expected = JsonNode.Parse(said)!; // it says something
        if ((string?)expected["key"] is { } key)
        {
            File.WriteAllText(path + ".audit-key", key);
            File.SetUnixFileMode(path + ".audit-key", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return expected;
    }

    private static async Task AssertHasAsync(Uri server, JsonNode expected, string held)
    {
        using var http = LoadClient.Connect(server);
        var documents = JsonNode.Parse(await http.GetStringAsync("documents?limit=1000"))!["items"]!.AsArray().ToDictionary(d => LoadDocuments.KeyOf(d!.AsObject()), d => d); // a list has items
        Assert.Equal(expected["documents"]!.AsObject().Select(d => d.Key).Order(), documents.Keys.Order());
        Assert.All(documents, d => Assert.True(JsonNode.DeepEquals(expected["documents"]![d.Key], d.Value), d.Key));

        if ((string?)expected["checkpoint"] is { } checkpoint)
        {
            await File.WriteAllTextAsync(held, checkpoint);
        }

        var verified = await ProgramRun.OfAsync("osc", ["audit", "verify", "--server", server.ToString(), "--checkpoint", held], new Dictionary<string, string> { ["OSC_TOKEN"] = ControllerProcess.Admin });
        Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
    }
}
