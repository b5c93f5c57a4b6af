using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Osc.Store.Files;

/// <summary>
/// Finds out what stands at a store's path before anything is touched, makes a store where there is none, and opens connections.
/// A new store is made beside its path and moved there when it is whole, so that an empty or half-made file is never one of ours.
/// </summary>
internal static class StoreFile
{
    /// <summary>"Oscs": tells our databases from other SQLite databases.</summary>
    public const int ApplicationId = 0x4F736373;

    private const int BusyTimeoutMilliseconds = 10_000;

    /// <summary>A write-ahead log that a long reader made grow is cut back to this.</summary>
    private const int WalLimitBytes = 64 * 1024 * 1024;

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    /// <summary>The path with links resolved, so that a store has one lock whatever it is called.</summary>
    /// <exception cref="StoreException">It is a directory, or it stands in none.</exception>
    public static string Resolve(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new StoreException(StoreFault.NotAStore, full, "is a directory: name a file");
        }

        try
        {
            if (new FileInfo(full).LinkTarget is not null)
            {
                full = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
            }
        }
        catch (IOException failed)
        {
            throw new StoreException(StoreFault.Inaccessible, full, $"cannot be opened ({failed.Message}): check the link", failed);
        }

        return Directory.Exists(Path.GetDirectoryName(full))
            ? full
            : throw new StoreException(StoreFault.Inaccessible, full, "has no directory to stand in: create the directory first");
    }

    /// <summary>Looks at what is there, without changing it.</summary>
    /// <returns>Whether there is a file.</returns>
    /// <exception cref="StoreException">It cannot be read, or it is no SQLite database.</exception>
    public static bool Inspect(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> head = stackalloc byte[Magic.Length];
            var length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            if (length == 0)
            {
                throw new StoreException(StoreFault.Corrupt, path, "is an empty file: restore it from a backup, or remove it to begin anew");
            }

            if (!head.SequenceEqual(Magic))
            {
                throw new StoreException(StoreFault.NotAStore, path, "is no SQLite database: name another file, or restore it from a backup");
            }

            return true;
        }
        catch (FileNotFoundException)
        {
            return File.Exists(path + "-wal")
                ? throw new StoreException(
                    StoreFault.Corrupt, path, "is missing, but its log is there: restore both from a backup, or remove the log to begin anew")
                : false;
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            throw new StoreException(StoreFault.Inaccessible, path, $"cannot be read ({denied.Message}): check the permissions", denied);
        }
    }

    /// <summary>Makes an empty store at a path where there is none.</summary>
    public static void Create(string path)
    {
        var unfinished = path + ".new";
        Discard(unfinished);

        try
        {
            using (var connection = Connect(unfinished, SqliteOpenMode.ReadWriteCreate))
            {
                connection.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma application_id = {ApplicationId}"));
                Migration.Run(connection, Migration.Newest);
            }

            DemandOneFile(unfinished, path);
        }
        catch
        {
            // On a full disk what is left of it would be in the way.
            Discard(unfinished);
            throw;
        }

        DurableMove.Do(unfinished, path);
    }

    /// <summary>Who closes a database takes its log in, and says nothing where there is no room for that: then the file alone is not what was written.</summary>
    /// <param name="path">What the file is to be.</param>
    /// <exception cref="StoreException">There is a log beside it.</exception>
    public static void DemandOneFile(string unfinished, string path)
    {
        if (File.Exists(unfinished + "-wal"))
        {
            throw new StoreException(StoreFault.Full, path, "cannot grow, the disk is full: make room and try again");
        }
    }

    /// <summary>Removes a database that was never finished, if there is one.</summary>
    public static void Discard(string unfinished)
    {
        foreach (var file in new[] { unfinished, unfinished + "-wal", unfinished + "-shm", unfinished + "-journal", unfinished + ".lock" })
        {
            File.Delete(file);
        }
    }

    /// <summary>Opens the one connection that writes, and checks the database.</summary>
    /// <exception cref="StoreException">It is no store, a newer one, or damaged.</exception>
    public static SqliteConnection OpenWriter(string path)
    {
        Check(path);
        var connection = Connect(path, SqliteOpenMode.ReadWrite);
        try
        {
            // SQLite opens what it may only read for reading, and would say so at the first commit.
            if (raw.sqlite3_db_readonly(connection.Handle, "main") != 0)
            {
                throw new StoreException(StoreFault.Inaccessible, path, "may only be read: check the permissions of the file");
            }

            Migration.Run(connection, Migration.Newest);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that only reads; it comes from a pool and goes back there.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var connection = new SqliteConnection(ReaderString(path));
        connection.Open();
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma query_only = on; pragma busy_timeout = {BusyTimeoutMilliseconds}"));
        return connection;
    }

    /// <summary>Closes the pooled connections to a store.</summary>
    public static void CloseReaders(string path)
    {
        using var connection = new SqliteConnection(ReaderString(path));
        SqliteConnection.ClearPool(connection);
    }

    private static string ReaderString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = true }.ToString();

    /// <summary>Reads the whole database, and its log, without writing to it.</summary>
    public static void Check(string path)
    {
        if (LogInspection.FindLoss(path) is { } loss)
        {
            throw Corrupt(path, loss);
        }

        // Even to read, SQLite makes a log and an index of it beside a file that has none, unless it is told that nobody writes.
        var source = File.Exists(path + "-wal") ? path : $"file:{Uri.EscapeDataString(path)}?immutable=1";
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        if (connection.QuerySingle<int>("pragma application_id") != ApplicationId)
        {
            throw new StoreException(StoreFault.NotAStore, path, "is an SQLite database of something else: name another file");
        }

        var version = Migration.VersionOf(connection);
        if (version > Migration.Newest)
        {
            throw new StoreException(
                StoreFault.Newer, path, $"has schema {version}, and this Osc knows schemas up to {Migration.Newest}: run the newer Osc that wrote it");
        }

        var damage = connection.Query<string>("pragma quick_check(1)").First();
        if (damage != "ok")
        {
            throw Corrupt(path, damage);
        }

        if (Migration.FindDeviation(connection) is { } deviation)
        {
            throw Corrupt(path, $"'{deviation}' in its schema is not as Osc makes it");
        }
    }

    private static StoreException Corrupt(string path, string damage) =>
        new(StoreFault.Corrupt, path, $"is damaged ({damage}): restore it from a backup");

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();

        // FULL: a commit returns when the log is on the disk, so that power loss takes nothing that was answered.
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"""
            pragma busy_timeout = {BusyTimeoutMilliseconds};
            pragma journal_mode = wal;
            pragma synchronous = full;
            pragma foreign_keys = on;
            pragma journal_size_limit = {WalLimitBytes};
            """));
        return connection;
    }
}
