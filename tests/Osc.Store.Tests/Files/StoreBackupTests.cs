using Osc.Audit;
using Osc.Model;
using Osc.Store.Files;
using Xunit;

namespace Osc.Store.Tests.Files;

public sealed class StoreBackupTests : IDisposable
{
    private readonly TestStore test = new();
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-backup-");

    private string Backup => Path.Combine(directory.FullName, "backup.db");

    public void Dispose()
    {
        test.Dispose();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void Backup_has_what_was_committed_while_the_store_is_open_and_goes_on()
    {
        test.Commit(TestStore.Put("a", "{}"));
        StoreBackup.Save(test.Path, Backup);
        test.Commit(TestStore.Put("b", "{}"));

        Assert.Equal(["backup.db"], directory.GetFiles().Select(f => f.Name)); // one file, no log
        using var copy = PolicyStore.Open(Backup, test.Time);
        Assert.Equal((1, 1), (copy.Current.Number, copy.ReadDocuments().Count));
        Assert.Equal(2, test.Store.Current.Number);
    }

    [Fact]
    public async Task Backup_made_while_changes_are_committed_is_the_store_as_it_was_between_two_of_them()
    {
        test.Commit(TestStore.Put("a", "{}"), TestStore.Put("b", "{}"));
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(
            () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++)
                {
                    test.Commit(TestStore.Put("a", $"{{\"n\":{i}}}"), TestStore.Put("b", $"{{\"n\":{i}}}"));
                }
            },
            TestContext.Current.CancellationToken);
        for (var i = 0; i < 10; i++)
        {
            var before = test.Store.Current;
            var file = Path.Combine(directory.FullName, $"{i}.db");
            StoreBackup.Save(test.Path, file);
            using var copy = PolicyStore.Open(file, test.Time);
            Assert.True(copy.Current.Number >= before.Number);
            Assert.Single(copy.ReadDocuments().Select(d => d.Json).Distinct());
            Assert.Equal(copy.Current.Number * 2, copy.EnumerateAudit(new()).Count(r => r.Action.StartsWith("document.", StringComparison.Ordinal)));
        }

        await stop.CancelAsync();
        await writing;
    }

    [Fact]
    public void Restored_store_is_what_the_backup_is_of_a_newer_generation_and_says_so_in_its_log()
    {
        test.Commit(TestStore.Put("a", "{}"));
        StoreBackup.Save(test.Path, Backup);
        test.Commit(TestStore.Put("b", "{}"));
        var generation = test.Store.Generation;
        test.Store.Dispose();
        test.Time.Now += TimeSpan.FromMinutes(1);

        var before = StoreBackup.Restore(Backup, test.Path, test.Time);

        test.Reopen();
        Assert.Equal(1, test.Store.Current.Number);
        Assert.Equal(["a"], test.Store.ReadDocuments().Select(d => d.Key.Name.Value));
        Assert.Equal(generation + 60_000, test.Store.Generation);
        var record = test.Store.QueryAudit(new() { Action = AuditAction.StoreRestore }).Items.Single();
        Assert.Equal(("osc", "backup.db", new Revision(1)), (record.Actor, record.Name, record.Revision));
        Assert.NotNull(before);
        using var old = PolicyStore.Open(before, test.Time);
        Assert.Equal(2, old.Current.Number);
    }

    [Fact]
    public void Restored_store_is_of_a_newer_generation_also_where_the_clock_was_set_back()
    {
        test.Commit(TestStore.Put("a", "{}"));
        StoreBackup.Save(test.Path, Backup);
        var generation = test.Store.Generation;
        for (var restore = 1; restore <= 3; restore++)
        {
            test.Store.Dispose();
            test.Time.Now -= TimeSpan.FromDays(1);
            StoreBackup.Restore(Backup, test.Path, test.Time);
            test.Reopen();
            Assert.Equal(generation + restore, test.Store.Generation);
        }
    }

    [Fact]
    public void Generation_stays_from_the_first_revision_on()
    {
        Assert.Equal(0, test.Store.Generation);
        test.Commit(TestStore.Put("a", "{}"));
        Assert.Equal(TestStore.Start.ToUnixTimeMilliseconds(), test.Store.Generation);
        test.Time.Now += TimeSpan.FromHours(1);
        test.Commit(TestStore.Put("b", "{}"));
        test.Reopen();
        Assert.Equal(TestStore.Start.ToUnixTimeMilliseconds(), test.Store.Generation);
    }

    [Fact]
    public void Store_that_is_open_is_not_restored()
    {
        test.Commit(TestStore.Put("a", "{}"));
        StoreBackup.Save(test.Path, Backup);

        Assert.Equal(StoreFault.InUse, Assert.Throws<StoreException>(() => StoreBackup.Restore(Backup, test.Path, test.Time)).Fault);
        Assert.Equal(1, test.Store.Current.Number);
    }

    [Theory]
    [InlineData("damaged", StoreFault.Corrupt)]
    [InlineData("none", StoreFault.Inaccessible)]
    [InlineData("something else", StoreFault.NotAStore)]
    public void Backup_that_is_none_changes_nothing(string what, StoreFault fault)
    {
        for (var i = 0; i < 50; i++)
        {
            test.Commit(TestStore.Put($"a{i}", "{}"));
        }

        StoreBackup.Save(test.Path, Backup);
        Break(what);
        test.Store.Dispose();

        var refused = Assert.Throws<StoreException>(() => StoreBackup.Restore(Backup, test.Path, test.Time));

        Assert.Equal(fault, refused.Fault);
        test.Reopen();
        Assert.Equal(50, test.Store.Current.Number);
    }

    [Fact]
    public void Damaged_store_is_restored_and_what_it_was_is_kept()
    {
        test.Commit(TestStore.Put("a", "{}"));
        StoreBackup.Save(test.Path, Backup);
        test.Store.Dispose();
        var bytes = File.ReadAllBytes(test.Path);
        Array.Fill(bytes, (byte)0xff, 4096, 8192);
        File.WriteAllBytes(test.Path, bytes);

        var before = StoreBackup.Restore(Backup, test.Path, test.Time);

        test.Reopen();
        Assert.Equal(1, test.Store.Current.Number);
        Assert.Equal(bytes, File.ReadAllBytes(before!)); // there was one
    }

    [Fact]
    public void File_that_is_there_is_not_overwritten_by_a_backup()
    {
        test.Commit(TestStore.Put("a", "{}"));
        File.WriteAllText(Backup, "mine");

        Assert.Throws<StoreException>(() => StoreBackup.Save(test.Path, Backup));
        Assert.Equal("mine", File.ReadAllText(Backup));
    }

    private void Break(string what)
    {
        switch (what)
        {
            case "none":
                File.Delete(Backup);
                break;
            case "something else":
                File.WriteAllText(Backup, "not SQLite at all, but long enough to be read");
                break;
            default:
                var bytes = File.ReadAllBytes(Backup);
                Array.Fill(bytes, (byte)0x5a, 4096, bytes.Length - 4096);
                File.WriteAllBytes(Backup, bytes);
                break;
        }
    }
}
