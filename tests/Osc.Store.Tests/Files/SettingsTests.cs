using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Store.Files;
using Xunit;

namespace Osc.Store.Tests.Files;

/// <summary>What docs/audit.md promises by SQLite's settings.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")] // FULL
    [InlineData("foreign_keys", "1")]
    [InlineData("busy_timeout", "10000")]
    public void Writer_is_set_so_that_a_commit_is_on_the_disk(string setting, string value) =>
        Assert.Equal(value, test.Store.Writer.QuerySingle<string>($"pragma {setting}"));

    [Fact]
    public void Reader_cannot_write()
    {
        using var reader = StoreFile.OpenReader(test.Path);
        Assert.Throws<SqliteException>(() => reader.Execute("delete from host"));
    }

    [Fact]
    public void Reader_goes_on_beside_a_transaction_and_sees_what_was_before_it()
    {
        test.Commit(TestStore.Put("web", "1"));
        using var transaction = test.Store.Writer.BeginTransaction();
        test.Store.Writer.Execute("update document set json = '2'");

        Assert.Equal("1", Assert.Single(test.Store.ReadDocuments()).Json);
    }

    [Fact]
    public void Store_of_an_older_version_is_brought_up_to_date()
    {
        var path = test.Path + "-old";
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=false"))
        {
            connection.Execute($"pragma application_id = {StoreFile.ApplicationId}");
            Migration.Run(connection, 0);
        }

        using var store = PolicyStore.Open(path, TimeProvider.System);
        Assert.Equal(1, store.AppendAudit([TestStore.Record("a")]));
        Assert.Equal(Migration.Newest, Migration.VersionOf(store.Writer));
        Assert.Null(Migration.FindDeviation(store.Writer));
    }
}
