using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Osc.Audit;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;
using Osc.Controller.Audit;
using Osc.Controller.Configuration;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Audit;

public sealed class AuditArchiverTests : IDisposable
{
    private static readonly TimeSpan Age = TimeSpan.FromDays(30);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-controller-tests-");
    private readonly ManualTime time = new();
    private PolicyStore store;

    public AuditArchiverTests() => store = PolicyStore.Open(Path.Combine(directory.FullName, "osc.db"), time);

    private string ArchiveDirectory => AuditArchiver.DirectoryBeside(store.Path);

    public void Dispose()
    {
        store.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void Records_of_later_than_now_hold_no_old_ones_up_and_go_with_the_next_old_one()
    {
        Append(10);
        time.Set(Age * 100); // by mistake
        Append(5);
        time.Set(Age * -100);
        Assert.Equal(10, store.AuditArchives.FindEnd(time.GetUtcNow() + TimeSpan.FromSeconds(1), time.GetUtcNow() + Age));
        Append(5);
        Assert.Equal(0, store.AuditArchives.FindEnd(time.GetUtcNow() - Age, time.GetUtcNow()));

        time.Advance(Age + TimeSpan.FromDays(1));
        Append(5);
        Assert.Equal(20, store.AuditArchives.FindEnd(time.GetUtcNow() - Age, time.GetUtcNow()));
    }

    [Fact]
    public async Task Old_records_move_to_a_file_and_every_proof_goes_on_holding()
    {
        Append(700);
        var before = store.EnumerateAudit(new() { Ascending = true }).ToList();
        var root = store.AuditTree.Root(700);
        time.Advance(Age + TimeSpan.FromDays(1));
        Append(5);

        Archive();

        var archive = Assert.Single(store.AuditArchives.Read());
        Assert.Equal((1, 700, "audit-1-700.ndjson.gz"), (archive.First, archive.Last, archive.File));
        Assert.Equal(Enumerable.Range(701, 6).Select(n => (long)n), store.EnumerateAudit(new() { Ascending = true }).Select(r => r.Sequence));
        Assert.Equal(AuditAction.AuditArchive, store.QueryAudit(new()).Items[0].Action);

        Assert.Equal(706, store.AuditTree.Size);
        Assert.All(before, r => Assert.True(store.AuditTree.ProveInclusion(r.Sequence, 700).Proves(AuditLeaf.HashOf(r), root)));
        Assert.True(store.AuditTree.ProveConsistency(700, 706).Proves(root, store.AuditTree.Root(706)));
        Assert.Equal(before.Select(AuditLeaf.HashOf), (await LinesAsync(archive.File)).Skip(1).Select(l => AuditLeaf.HashOf(AuditJson.Read(Encoding.UTF8.GetBytes(l)))));
    }

    [Fact]
    public async Task Archives_and_the_rest_are_verified_together_and_each_alone()
    {
        Append(300);
        time.Advance(Age * 2);
        Append(200);
        Archive();
        time.Advance(Age * 2);
        Append(10);
        Archive();
        var held = Path.Combine(directory.FullName, "held");
        await File.WriteAllTextAsync(held, Signer().Current().Note, TestContext.Current.CancellationToken);
        var export = await ExportAsync();
        var files = store.AuditArchives.Read().Select(a => Path.Combine(ArchiveDirectory, a.File)).ToArray();

        Assert.Equal(["audit-1-300.ndjson.gz", "audit-301-501.ndjson.gz"], files.Select(f => Path.GetFileName(f)));
        Assert.Equal((0, ""), await VerifyAsync([.. files, export], held));
        Assert.Equal((0, ""), await VerifyAsync([files[1], export], held)); // its header has what stands for the records before
        foreach (var file in files)
        {
            // The checkpoint that was held when the archive was made.
            var own = Path.Combine(directory.FullName, "own");
            await File.WriteAllTextAsync(own, ArchiveHeaderOf((await LinesAsync(Path.GetFileName(file)))[0]).Checkpoint, TestContext.Current.CancellationToken);
            Assert.Equal((0, ""), await VerifyAsync([file], own));
        }

        Assert.Contains("records 1 to 501 are missing", (await VerifyAsync([export], held)).Error, StringComparison.Ordinal);
        Assert.Contains("records 301 to 501 are missing", (await VerifyAsync([files[0], export], held)).Error.Replace("record 502 comes where 301 should", "records 301 to 501 are missing", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_archived_that_is_not_old_and_never_the_last_record()
    {
        Append(10);
        Archive();
        Assert.Empty(store.AuditArchives.Read());

        time.Advance(Age * 2);
        Archive();
        Assert.Equal(9, Assert.Single(store.AuditArchives.Read()).Last);
        Assert.Equal(11, store.AuditTree.Size);
    }

    [Fact]
    public void Store_whose_records_were_changed_is_not_archived()
    {
        Append(10);
        time.Advance(Age * 2);
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={store.Path};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "drop trigger audit_no_update; update audit set actor = 'eve' where sequence = 4";
            command.ExecuteNonQuery();
        }

        Assert.Contains("not those of the checkpoint", Assert.Throws<IOException>(Archive).Message, StringComparison.Ordinal);
        Assert.Empty(store.AuditArchives.Read());
        Assert.Equal(10, store.EnumerateAudit(new()).Count());
    }

    [Fact]
    public void Text_search_knows_what_is_left()
    {
        Append(600);
        time.Advance(Age * 2);
        Append(3);
        Archive();

        Assert.Equal(3, store.QueryAudit(new() { Text = "appended" }).Items.Count);
        store.Dispose();
        store = PolicyStore.Open(Path.Combine(directory.FullName, "osc.db"), time);
        Append(1);
        Assert.Equal(4, store.QueryAudit(new() { Text = "appended" }).Items.Count);
    }

    private static Osc.Audit.Verification.ArchiveHeader ArchiveHeaderOf(string line) =>
        Osc.Audit.Verification.ArchiveHeader.TryRead(Encoding.UTF8.GetBytes(line), out var header) ? header : throw new FormatException(line);

    private void Archive() => new AuditArchiver(store, Signer(), new ControllerOptions(), time, NullLogger<AuditArchiver>.Instance).Archive(Age, CancellationToken.None);

    private CheckpointSigner Signer() => new(store, KeyFile.Load(KeyFile.PathBeside(store.Path), store.FindLastCheckpoint() is not null), time);

    private void Append(int records) => store.AppendAudit([.. Enumerable.Range(0, records).Select(i => new AuditRecord { Time = time.GetUtcNow(), Actor = $"a{i}", Action = "appended", Outcome = AuditRecord.Ok })]);

    private async Task<string[]> LinesAsync(string file)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(ArchiveDirectory, file)), CompressionMode.Decompress));
        return (await text.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task<string> ExportAsync()
    {
        var export = Path.Combine(directory.FullName, "audit.ndjson");
        await using var stream = File.Create(export);
        foreach (var record in store.EnumerateAudit(new() { Ascending = true }))
        {
            await using var json = new System.Text.Json.Utf8JsonWriter(stream);
            AuditJson.Write(json, record);
            await json.FlushAsync();
            stream.WriteByte((byte)'\n');
        }

        return export;
    }

    private static async Task<(int Code, string Error)> VerifyAsync(string[] files, string held)
    {
        var (output, error) = (new StringWriter(), new StringWriter { NewLine = "\n" });
        var shell = new Shell(output, error, isTerminal: false) { OpenInput = () => Stream.Null, OpenOutput = () => Stream.Null, Variable = _ => null };
        return (await OscCommand.RunAsync(["audit", "verify", .. files, "--checkpoint", held], shell), error.ToString());
    }
}
