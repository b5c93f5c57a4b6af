using CsCheck;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Store.Files;
using Xunit;
using static Osc.Store.Tests.TestStore;

namespace Osc.Store.Tests.Files;

/// <summary>Whatever stands at a store's path, opening it says in one sentence what is wrong, and leaves it as it is.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private static readonly byte[] Whole = MakeWhole();

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-store-");

    private string Path => System.IO.Path.Combine(directory.FullName, "osc.db");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void Whole_file_opens()
    {
        File.WriteAllBytes(Path, Whole);
        using var store = Open(Path);
        Assert.Equal(20, store.Current.Number);
        Assert.Equal(20, store.ReadDocuments().Count);
    }

    [Fact]
    public void Empty_file_is_refused() =>
        AssertRefused([], StoreFault.Corrupt, "is an empty file: restore it from a backup, or remove it to begin anew");

    [Theory]
    [InlineData("{ \"tenant\": \"shop\" }")]
    [InlineData("SQLite format 2\0 and so on")]
    [InlineData("SQLite")]
    public void Something_else_is_refused(string content) =>
        AssertRefused([.. content.Select(c => (byte)c)], StoreFault.NotAStore, "is no SQLite database: name another file, or restore it from a backup");

    [Fact]
    public void Header_alone_is_refused() => AssertRefused(Whole[..100], StoreFault.Corrupt, "is damaged (");

    [Fact]
    public void Truncated_file_is_refused() => AssertRefused(Whole[..(Whole.Length / 2)], StoreFault.Corrupt, "is damaged (");

    [Fact]
    public void File_without_its_last_page_is_refused() => AssertRefused(Whole[..^4096], StoreFault.Corrupt, "is damaged (");

    [Theory]
    [InlineData(16)] // page size
    [InlineData(19)] // read version
    [InlineData(21)] // maximum embedded payload fraction
    public void Flipped_byte_in_the_header_is_refused(int offset)
    {
        var flipped = Whole.ToArray();
        flipped[offset] ^= 0xFF;
        AssertRefused(flipped, StoreFault.Corrupt, "is damaged (");
    }

    [Fact]
    public void Flipped_bytes_in_each_page_are_refused()
    {
        // The first bytes of a page say what it is, and how much is in it.
        for (var page = 1; page < Whole.Length / 4096; page++)
        {
            var flipped = Whole.ToArray();
            flipped.AsSpan(page * 4096, 8).Fill(0xA5);
            AssertRefused(flipped, StoreFault.Corrupt, "is damaged (");
        }
    }

    [Fact]
    public void Flipped_byte_anywhere_gives_a_store_or_a_clear_refusal()
    {
        Gen.Select(Gen.Int[0, Whole.Length - 1], Gen.Byte[1, 255]).Sample(
            (offset, mask) =>
            {
                using var one = new DamagedFileTests();
                var flipped = Whole.ToArray();
                flipped[offset] ^= mask;
                File.WriteAllBytes(one.Path, flipped);
                try
                {
                    using var store = Open(one.Path);
                    store.ReadDocuments();
                    store.ReadDocuments(new(10));
                    store.ReadRevisions(null, 100);
                    store.QueryAudit(new() { Limit = 1000 });
                    store.QueryAudit(new() { Text = "alice" });
                    store.ReadHosts();
                    store.ReadRollouts(10);
                    store.Commit(new() { Base = store.Current, Origin = Alice, Changes = [Put("new", "{}")] });
                }
                catch (StoreException refused)
                {
                    Assert.StartsWith($"the store {one.Path} ", refused.Message, StringComparison.Ordinal);
                }
            },
            iter: TestScale.Times(100));
    }

    [Theory]
    [InlineData("update document set kind = 'Polict' where name = 'web-3'", "a document is called 'shop/Polict/web-3'")]
    [InlineData("update document set name = 'web_3' where name = 'web-3'", "a document is called 'shop/SecurityGroup/web_3'")]
    [InlineData("update rollout set state = 'rending' where revision = 3", "a rollout is 'rending'")]
    [InlineData("update rollout set host = '' where revision = 3", "a host is called ''")]
    [InlineData("update rollout set sent_at = 9223372036854775807 where revision = 3", "9223372036854775807 is no time")]
    [InlineData("update host set name = 'H1'", "a host is called 'H1'")]
    [InlineData("update host set desired_flows = 9223372036854775807", "Error parsing column")]
    public void Row_that_makes_no_sense_is_damage(string sql, string damage)
    {
        File.WriteAllBytes(Path, Whole);
        using var store = Open(Path);
        store.Writer.Execute($"pragma ignore_check_constraints = on; {sql}");

        var refused = Assert.Throws<StoreException>(() => (store.ReadDocuments(), store.ReadHosts(), store.ReadRollouts(100)));

        Assert.Equal(StoreFault.Corrupt, refused.Fault);
        Assert.StartsWith($"the store {Path} is damaged ({damage}", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("): restore it from a backup", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Database_of_something_else_is_refused() => AssertRefusedAfter(
        "pragma application_id = 1", StoreFault.NotAStore, "is an SQLite database of something else: name another file");

    [Fact]
    public void Store_of_a_newer_version_is_refused() => AssertRefusedAfter(
        "pragma user_version = 99", StoreFault.Newer, $"has schema 99, and this Osc knows schemas up to {Migration.Newest}: run the newer Osc that wrote it");

    [Theory]
    [InlineData("drop trigger audit_no_delete", "audit_no_delete")]
    [InlineData("drop trigger audit_no_update; create trigger audit_no_update before update on audit begin select 1; end", "audit_no_update")]
    [InlineData("create table extra (a)", "extra")]
    [InlineData("drop index document_current", "document_current")]
    public void Store_with_an_altered_schema_is_refused(string sql, string what) =>
        AssertRefusedAfter(sql, StoreFault.Corrupt, $"is damaged ('{what}' in its schema is not as Osc makes it): restore it from a backup");

    [Fact]
    public void Log_without_its_database_is_refused()
    {
        File.WriteAllText(Path + "-wal", "what was not yet in the database");

        AssertRefused(StoreFault.Corrupt, "is missing, but its log is there: restore both from a backup, or remove the log to begin anew");
        Assert.False(File.Exists(Path));
    }

    private static PolicyStore Open(string path) => PolicyStore.Open(path, TimeProvider.System);

    /// <summary>The bytes of a store with something in every table.</summary>
    private static byte[] MakeWhole()
    {
        using var test = new TestStore();
        for (var i = 0; i < 20; i++)
        {
            test.Store.Commit(new()
            {
                Base = test.Store.Current,
                Origin = Alice,
                Changes = [Put($"web-{i}", new string('x', 1000))],
                Hosts = [new(Model.Name.Parse("h1"), new(i + 1), "d", 1)],
                Numberings = [new(Model.Name.Parse("h1"), "{}", IsWhole: i == 0)],
            });
        }

        test.Store.Dispose();
        return File.ReadAllBytes(test.Path);
    }

    private void AssertRefusedAfter(string sql, StoreFault fault, string problem)
    {
        File.WriteAllBytes(Path, Whole);
        using (var connection = new SqliteConnection($"Data Source={Path};Pooling=false"))
        {
            connection.Execute(sql);
        }

        AssertRefused(File.ReadAllBytes(Path), fault, problem);
    }

    private void AssertRefused(byte[] content, StoreFault fault, string problem)
    {
        File.WriteAllBytes(Path, content);
        AssertRefused(fault, problem);
        Assert.Equal(content, File.ReadAllBytes(Path));
        Assert.DoesNotContain(directory.EnumerateFiles(), f => f.Name is not ("osc.db" or "osc.db.lock"));
    }

    private void AssertRefused(StoreFault fault, string problem)
    {
        var refused = Assert.Throws<StoreException>(() => Open(Path));
        Assert.Equal(fault, refused.Fault);
        Assert.Equal(Path, refused.Path);
        Assert.StartsWith($"the store {Path} {problem}", refused.Message, StringComparison.Ordinal);
    }
}
