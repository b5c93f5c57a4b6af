using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Store.Files;
using Osc.Store.Revisions;
using Osc.Store.Tests.Crash;
using Xunit;
using static Osc.Store.Tests.TestStore;

namespace Osc.Store.Tests.Upgrade;

/// <summary>Stores of every earlier schema are taken over whole: what was in them is there, and proves itself.</summary>
public sealed class UpgradeTests : IDisposable
{
    private static readonly int Kills = TestScale.Times(3);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-store-");

    public static TheoryData<int> Versions => new(EarlierStore.Versions);

    private string StorePath => Path.Combine(directory.FullName, "osc.db");

    public void Dispose() => directory.Delete(recursive: true);

    /// <summary>OSC_UPDATE_GOLDEN=1 makes the newest one, once: it stays what the code of its schema made.</summary>
    [Fact]
    public void Store_of_every_schema_is_kept()
    {
        if (Environment.GetEnvironmentVariable("OSC_UPDATE_GOLDEN") == "1" && !EarlierStore.IsKept(Migration.Newest))
        {
            EarlierStoreMaker.Make(Migration.Newest);
        }

        Assert.All(EarlierStore.Versions, version => Assert.True(EarlierStore.IsKept(version), $"no store of schema {version} is kept: make it by OSC_UPDATE_GOLDEN=1"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Store_of_an_earlier_schema_has_all_that_was_in_it_and_goes_on(int version)
    {
        var expected = EarlierStore.Place(version, StorePath);
        Assert.Equal(version, SchemaOf(StorePath));
        using (var store = PolicyStore.Open(StorePath, TimeProvider.System))
        {
            AssertHas(store, expected);
        }

        Assert.Equal(Migration.Newest, SchemaOf(StorePath));
        var upgraded = File.ReadAllBytes(StorePath);
        PolicyStore.Open(StorePath, TimeProvider.System).Dispose();
        Assert.Equal(upgraded, File.ReadAllBytes(StorePath));

        using var again = PolicyStore.Open(StorePath, TimeProvider.System);
        var next = again.Current.Next;
        Assert.Equal(next, Assert.IsType<CommitOutcome.Committed>(again.Commit(new() { Base = again.Current, Origin = Alice, Changes = [Put("new", "{}")] })).Revision);
        Assert.Equal((long)expected["records"]! + 1, again.AuditTree.Size);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Upgrade_that_ended_after_a_step_is_taken_up_there(int version)
    {
        var expected = EarlierStore.Place(1, StorePath);
        using (var connection = new SqliteConnection($"Data Source={StorePath};Pooling=false"))
        {
            connection.Open();
            Migration.Run(connection, version);
        }

        using var store = PolicyStore.Open(StorePath, TimeProvider.System);
        AssertHas(store, expected);
    }

    [Fact]
    public async Task Upgrade_that_is_killed_leaves_a_store_that_is_taken_over_all_the_same()
    {
        const int longest = 5; // a thousand records, of which the tree is made
        var expected = EarlierStore.Place(longest, StorePath);
        var original = File.ReadAllBytes(StorePath);
        var whole = await UpgradeAsync(null);
        for (var kill = 0; kill < Kills; kill++)
        {
            foreach (var file in directory.GetFiles())
            {
                file.Delete();
            }

            File.WriteAllBytes(StorePath, original);
            await UpgradeAsync(whole * Random.Shared.NextDouble());

            using var store = PolicyStore.Open(StorePath, TimeProvider.System);
            AssertHas(store, expected);
        }
    }

    /// <summary>Has another process open the store.</summary>
    /// <param name="killAfter">null: it is left alone.</param>
    /// <returns>How long it took.</returns>
    private async Task<TimeSpan> UpgradeAsync(TimeSpan? killAfter)
    {
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [WriterProgram.UpgradeCommand, StorePath]))!; // a running process has a path; Start gives null only when one is reused
        if (killAfter is { } delay)
        {
            await Task.Delay(delay);
            process.Kill();
        }

        await process.WaitForExitAsync();
        return Stopwatch.GetElapsedTime(began);
    }

    private static int SchemaOf(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        return connection.QuerySingle<int>("pragma user_version");
    }

    private static void AssertHas(PolicyStore store, JsonNode expected)
    {
        Assert.Equal((long)expected["current"]!, store.Current.Number);
        AssertDocuments(expected["documents"]!, store.ReadDocuments().ToDictionary(d => d.Key.ToString(), d => d.Json));
        foreach (var (revision, documents) in expected["past"]!.AsObject())
        {
            AssertDocuments(documents!, store.ReadDocuments(new(long.Parse(revision, CultureInfo.InvariantCulture))).ToDictionary(d => d.Key.ToString(), d => d.Json));
        }

        var revisions = expected["revisions"]!.AsArray().Select(r => ((long)r!["revision"]!, (string)r["reason"]!, (int)r["changes"]!)).ToList();
        Assert.Equal(revisions, store.ReadRevisions(null, PolicyStore.MaxLimit).Items.Select(r => (r.Revision.Number, r.Reason, r.Changes)));
        Assert.Equal(expected["tokens"]!.AsArray().Select(t => (string)t!), store.Access.ReadTokens().Where(t => t.Revoked is null).Select(t => t.Name));
        Assert.NotEqual(0, store.Generation);
        Assert.All(store.ReadNumberings(), n => Assert.StartsWith("{", n.Whole, StringComparison.Ordinal));
        AssertLog(store, expected);
    }

    private static void AssertDocuments(JsonNode expected, Dictionary<string, string> found)
    {
        Assert.Equal(expected.AsObject().Select(d => d.Key).Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        Assert.All(found, d => Assert.True(JsonNode.DeepEquals(expected[d.Key], JsonNode.Parse(d.Value)), d.Value));
    }

    private static void AssertLog(PolicyStore store, JsonNode expected)
    {
        var records = store.EnumerateAudit(new() { Ascending = true }).ToList();
        Assert.Equal((long)expected["records"]!, records.Count);
        Assert.Equal(Enumerable.Range(1, records.Count).Select(n => (long)n), records.Select(r => r.Sequence));
        foreach (var (record, said) in records.Zip(expected["audit"]!.AsArray()))
        {
            Assert.Equal(
                (DateTimeOffset.Parse((string)said!["time"]!, CultureInfo.InvariantCulture), (string)said["actor"]!, (string)said["action"]!, (string)said["reason"]!, (string)said["outcome"]!, (long)said["revision"]!),
                (record.Time, record.Actor, record.Action, record.Reason, record.Outcome, record.Revision.Number));
            Assert.Equal(
                ((string)said["tenant"]!, (string)said["kind"]!, (string)said["name"]!, (string)said["requestId"]!, (string)said["address"]!),
                (record.Tenant, record.Kind, record.Name, record.RequestId, record.Address));
            Assert.True(Same(said["before"], record.Before) && Same(said["after"], record.After), $"record {record.Sequence}");
        }

        var tree = new CompactTree();
        foreach (var record in records)
        {
            tree.Append(AuditLeaf.HashOf(record));
        }

        Assert.Equal((tree.Size, tree.Root), (store.AuditTree.Size, store.AuditTree.Root(tree.Size)));
        if ((string?)expected["checkpoint"] is { } held)
        {
            Assert.True(SignedNote.TryParse(held, out var note) && Checkpoint.TryParse(note.Text, out _));
            Assert.True(KeyRing.TryParse((string)expected["key"]!, out var keys, out _) && note!.IsSignedBy(keys.All));
            Assert.True(Checkpoint.TryParse(note!.Text, out var checkpoint) && store.AuditTree.Root(checkpoint.Size) == checkpoint.Root);
        }

        var last = records[^1];
        Assert.Contains(last.Sequence, store.EnumerateAudit(new() { From = last.Time, Ascending = true }).Select(r => r.Sequence));
        Assert.NotEmpty(store.QueryAudit(new() { Text = "7007" }).Items);
    }

    private static bool Same(JsonNode? said, string? stored) => JsonNode.DeepEquals(said, stored is null ? null : JsonNode.Parse(stored));
}
