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
        using (var source = StoreFile.OpenReader(path))
        using (var copy = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = unfinished, Pooling = false }.ToString()))
        {
            copy.Open();
            source.BackupDatabase(copy);
            copy.Execute("pragma journal_mode = delete"); // one file: no log beside it
        }

        StoreFile.CloseReaders(path);
        StoreFile.Check(unfinished);
        using (var written = new FileStream(unfinished, FileMode.Open, FileAccess.ReadWrite))
        {
            written.Flush(flushToDisk: true);
        }

        File.Move(unfinished, target);
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
        Tidy(path, time);
        using var storeLock = StoreLock.Take(path);
        if (!StoreFile.Inspect(backup))
        {
            throw new StoreException(StoreFault.Inaccessible, backup, "is not there");
        }

        var unfinished = StartAt(path + ".restoring", mayReplace: true);
        File.Copy(backup, unfinished);
        using (var store = PolicyStore.Open(unfinished, time))
        {
            store.Restored(new() { Time = time.GetUtcNow(), Actor = Origin.Controller.Actor, Action = AuditAction.StoreRestore, Name = Path.GetFileName(backup), Revision = store.Current, Outcome = AuditRecord.Ok });
        }

        File.Delete(unfinished + ".lock");
        var before = SetAside(path, time);
        File.Move(unfinished, path, overwrite: true);
        return before;
    });

    /// <summary>Has a sound store take its log in, so that it is one file. One that is not sound is set aside as it is.</summary>
    private static void Tidy(string path, TimeProvider time)
    {
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            PolicyStore.Open(path, time).Dispose();
        }
        catch (StoreException e) when (e.Fault is StoreFault.Corrupt or StoreFault.NotAStore or StoreFault.Newer)
        {
            // What is to be replaced may be damaged: that is why one restores.
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
        foreach (var left in new[] { unfinished, unfinished + "-wal", unfinished + "-shm" })
        {
            File.Delete(left);
        }

        return unfinished;
    }
}
