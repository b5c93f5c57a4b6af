using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;

namespace Osc.Store.Files;

/// <summary>Copies of a store: made while a controller has it open, and put in its place while none has.</summary>
public static class StoreBackup
{
    /// <summary>Writes a copy of what is committed, as one file. The controller that has the store open goes on meanwhile.</summary>
    /// <param name="target">A file that is not there yet.</param>
    /// <exception cref="StoreException">There is no sound store, the target is there already or cannot be written; no target was made.</exception>
    public static void Save(string path, string target) => Database.Guard(target, () =>
    {
        path = StoreFile.Resolve(path);
        if (!StoreFile.Inspect(path))
        {
            throw new StoreException(StoreFault.Inaccessible, path, "is not there");
        }

        var unfinished = StartAt(target);
        try
        {
            Copy(path, unfinished);
            StoreFile.DemandOneFile(unfinished, target);
            DurableMove.Do(unfinished, target);
        }
        catch
        {
            StoreFile.Discard(unfinished);
            throw;
        }

        return target;
    });

    /// <summary>
    /// Puts a copy in a store's place, which begins a new generation: hosts that hold newer revisions take the older ones of this one. What was there is kept beside it.
    /// </summary>
    /// <returns>The file that what was there is kept in; null where nothing was.</returns>
    /// <exception cref="StoreException">A controller has the store open, or the backup is none; nothing was changed.</exception>
    public static string? Restore(string backup, string path, TimeProvider time) => Database.Guard<string?>(path, () =>
    {
        path = StoreFile.Resolve(path);
        var replaced = Tidy(path, time);
        using var storeLock = StoreLock.Take(path);
        if (!StoreFile.Inspect(backup))
        {
            throw new StoreException(StoreFault.Inaccessible, backup, "is not there");
        }

        var unfinished = StartAt(path + ".restoring", mayReplace: true);
        try
        {
            File.Copy(backup, unfinished);
            using (var store = PolicyStore.Open(unfinished, time))
            {
                store.Restored(new() { Time = time.GetUtcNow(), Actor = Origin.Controller.Actor, Action = AuditAction.StoreRestore, Name = Path.GetFileName(backup), Revision = store.Current, Outcome = AuditRecord.Ok }, replaced);
            }

            StoreFile.DemandOneFile(unfinished, path);
        }
        catch
        {
            StoreFile.Discard(unfinished);
            throw;
        }

        File.Delete(unfinished + ".lock");
        var before = SetAside(path, time);
        DurableMove.Do(unfinished, path, overwrite: true);
        return before;
    });

    /// <summary>Copies what is committed into one file, checks that, and has it on the disk.</summary>
    private static void Copy(string path, string target)
    {
        using (var source = StoreFile.OpenReader(path))
        using (var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = target, Pooling = false }.ToString()))
        {
            copy.Open();
            source.BackupDatabase(copy);
            copy.Execute("pragma journal_mode = delete"); // one file: no log beside it
        }

        StoreFile.CloseReaders(path);
        StoreFile.Check(target);
        using var written = new FileStream(target, FileMode.Open, FileAccess.ReadWrite);
        written.Flush(flushToDisk: true);
    }

    /// <summary>Has a sound store take its log in, so that it is one file. One that is not sound is set aside as it is.</summary>
    /// <returns>Its generation; 0 if nobody can tell.</returns>
    private static long Tidy(string path, TimeProvider time)
    {
        if (!File.Exists(path))
        {
            return 0;
        }

        try
        {
            using var store = PolicyStore.Open(path, time);
            return store.Generation;
        }
        catch (StoreException e) when (e.Fault is StoreFault.Corrupt or StoreFault.NotAStore or StoreFault.Newer)
        {
            // What is to be replaced may be damaged: that is why one restores.
            return 0;
        }
    }

    /// <summary>Copies what is there, so that something stands at the path all the time; only a damaged store's log is taken away before its successor is there.</summary>
    private static string? SetAside(string path, TimeProvider time)
    {
        var before = $"{path}.before-{time.GetUtcNow():yyyyMMddTHHmmss}";
        foreach (var suffix in new[] { "", "-wal", "-shm" }.Where(s => File.Exists(path + s)))
        {
            File.Copy(path + suffix, before + suffix, overwrite: true);
        }

        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        return File.Exists(before) ? before : null;
    }

    private static string StartAt(string target, bool mayReplace = false)
    {
        if (!mayReplace && File.Exists(target))
        {
            throw new StoreException(StoreFault.Inaccessible, target, "is there already: name a file that is not");
        }

        var unfinished = mayReplace ? target : target + ".new";
        StoreFile.Discard(unfinished);
        return unfinished;
    }
}
