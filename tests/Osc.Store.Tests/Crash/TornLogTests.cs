using Dapper;
using Xunit;

namespace Osc.Store.Tests.Crash;

/// <summary>
/// What a power cut leaves of SQLite's write-ahead log, and what a bad disk does: cut off or garbled anywhere. What was flushed before is there, whole; and where
/// something that was flushed is damaged, the store says so instead of going on without it.
/// </summary>
public sealed class TornLogTests : IDisposable
{
    private const int Revisions = 25;
    private const int LogHeader = 32;
    private const int Frame = 24 + 4096;

    private static readonly int Cases = TestScale.Times(60);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-store-");
    private readonly byte[] database;
    private readonly byte[] log;

    /// <summary>How long the log was when each revision from 0 on was flushed.</summary>
    private readonly long[] flushed;

    public TornLogTests()
    {
        var path = Path.Combine(directory.FullName, "made.db");
        using var store = PolicyStore.Open(path, TimeProvider.System);
        store.Writer.Execute("pragma wal_autocheckpoint = 0");
        var lengths = new List<long> { Length() };
        for (var revision = 0; revision < Revisions; revision++)
        {
            store.Commit(Workload.CommitOn(store.Current));
            lengths.Add(Length());
        }

        (database, log, flushed) = (ReadShared(path), ReadShared(path + "-wal"), [.. lengths]);

        long Length() => new FileInfo(path + "-wal") is { Exists: true } file ? file.Length : 0;
    }

    private string StorePath => Path.Combine(directory.FullName, "osc.db");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void Log_that_is_cut_off_anywhere_has_all_that_was_flushed_before()
    {
        for (var i = 0; i < Cases; i++)
        {
            var length = i == 0 ? log.Length : Random.Shared.Next(log.Length + 1);
            AssertGoesOn(log[..length], FlushedIn(length));
        }
    }

    [Fact]
    public void Last_transaction_that_is_torn_anywhere_was_never_made()
    {
        // Of its frames some sectors are on the disk and some are not, in any order.
        var begin = (int)flushed[^2];
        for (var i = 0; i < Cases; i++)
        {
            var torn = log.ToArray();
            for (var sector = begin + Random.Shared.Next(512); sector < torn.Length; sector += 512 * (1 + Random.Shared.Next(4)))
            {
                torn.AsSpan(sector, Math.Min(512, torn.Length - sector)).Clear();
            }

            AssertGoesOn(torn, Revisions - 1);
        }
    }

    [Fact]
    public void Flushed_transaction_that_is_damaged_is_said_to_be_unless_it_was_the_last()
    {
        var refused = 0;
        for (var i = 0; i < Cases; i++)
        {
            var garbled = log.ToArray();
            var at = Random.Shared.Next(i < Cases / 4 ? LogHeader : log.Length);
            garbled[at] ^= (byte)Random.Shared.Next(1, 256);
            Place(garbled);
            try
            {
                using var store = PolicyStore.Open(StorePath, TimeProvider.System);
                // What damages the header of a frame hides to which transaction it belongs: one or two of the last may go unnoticed.
                Assert.True(at >= flushed[^4], $"byte {at} of {log.Length} was garbled, and nothing is said");
                Workload.AssertWhole(store);
            }
            catch (StoreException damaged)
            {
                refused++;
                Assert.Equal(StoreFault.Corrupt, damaged.Fault);
                var what = at < LogHeader ? "the header" : $"frame {1 + ((at - LogHeader) / Frame)}";
                Assert.Equal($"the store {StorePath} is damaged ({what} of its log, and there are committed changes after it): restore it from a backup", damaged.Message);
                Assert.Equal(garbled, File.ReadAllBytes(StorePath + "-wal"));
                Assert.Equal(database, File.ReadAllBytes(StorePath));
            }
        }

        Assert.True(refused > Cases / 2, "next to nothing was refused");
    }

    private int FlushedIn(long length) => Array.FindLastIndex(flushed, f => f <= length);

    private void AssertGoesOn(byte[] torn, long revision)
    {
        Place(torn);
        using var store = PolicyStore.Open(StorePath, TimeProvider.System);
        Assert.Equal(revision, store.Current.Number);
        Workload.AssertWhole(store);
        store.Commit(Workload.CommitOn(store.Current));
        Workload.AssertWhole(store);
    }

    private void Place(byte[] torn)
    {
        File.WriteAllBytes(StorePath, database);
        File.WriteAllBytes(StorePath + "-wal", torn);
        File.Delete(StorePath + "-shm");
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
