using System.Data;
using Microsoft.Data.Sqlite;

namespace Osc.Store.Files;

/// <summary>An open store's connections: one that writes, one caller at a time, and as many as are needed that read beside it.</summary>
internal sealed class Database : IDisposable
{
    private const int Permission = 3, Busy = 5, OutOfMemory = 7, ReadOnly = 8, InputOutput = 10, Damaged = 11, DiskFull = 13, CannotOpen = 14, NoDatabase = 26;

    /// <summary>errno ENOSPC and EDQUOT of Linux, which .NET hands on as the HResult.</summary>
    private const int NoSpace = 28, QuotaExceeded = 122;

    /// <summary>SQLITE_IOERR_SHMSIZE: the index of the log cannot be made longer, which nothing but want of room prevents.</summary>
    private const int LogIndexSize = InputOutput | (19 << 8);

    /// <summary>By so much SQLite makes the index of its log longer at a time.</summary>
    private const long LogIndexBytes = 32 * 1024;

    private readonly Lock writing = new();
    private readonly StoreLock storeLock;
    private bool closed;

    private Database(string path, StoreLock storeLock, SqliteConnection writer) => (Path, this.storeLock, Writer) = (path, storeLock, writer);

    public string Path { get; }

    /// <summary>Raised after each transaction.</summary>
    public event Action? Written;

    /// <summary>For <see cref="Write"/>, and for tests that set limits.</summary>
    internal SqliteConnection Writer { get; }

    /// <exception cref="StoreException">The store cannot be opened; nothing was changed.</exception>
    public static Database Open(string path)
    {
        path = StoreFile.Resolve(path);
        StoreFile.Inspect(path);
        var storeLock = StoreLock.Take(path);
        try
        {
            return Guard(path, () =>
            {
                if (!StoreFile.Inspect(path))
                {
                    StoreFile.Create(path);
                }

                return new Database(path, storeLock, StoreFile.OpenWriter(path));
            });
        }
        catch
        {
            storeLock.Dispose();
            throw;
        }
    }

    /// <summary>Does something in one transaction, which is on disk when this returns.</summary>
    /// <exception cref="StoreException">It could not be done; nothing of it was.</exception>
    public T Write<T>(Func<SqliteConnection, T> work)
    {
        T result;
        lock (writing)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            result = Guard(Path, () =>
            {
                using var transaction = Writer.BeginTransaction();
                var done = work(Writer);
                transaction.Commit();
                return done;
            });
        }

        Written?.Invoke();
        return result;
    }

    /// <summary>Reads the last committed state, whatever is being written meanwhile.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public T Read<T>(Func<SqliteConnection, T> work)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        return Guard(Path, () =>
        {
            using var connection = StoreFile.OpenReader(Path);
            return work(connection);
        });
    }

    public void Dispose()
    {
        lock (writing)
        {
            if (!closed)
            {
                closed = true;
                StoreFile.CloseReaders(Path);
                Writer.Dispose();
                storeLock.Dispose();
            }
        }
    }

    /// <summary>Turns what SQLite and the file system say of files and disks into a <see cref="StoreException"/>; all else is a bug and passes.</summary>
    internal static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException failed) when (FaultOf(failed, path) is { } fault)
        {
            throw new StoreException(fault, path, Describe(fault, failed), failed);
        }
        catch (Exception wrong) when (wrong is InvalidDataException or DataException)
        {
            throw new StoreException(StoreFault.Corrupt, path, $"is damaged ({wrong.Message}): restore it from a backup", wrong);
        }
        catch (IOException full) when (full.HResult is NoSpace or QuotaExceeded)
        {
            throw new StoreException(StoreFault.Full, path, Describe(StoreFault.Full, null), full);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.Inaccessible, path, $"cannot be written ({failed.Message}): check the permissions of its directory", failed);
        }
    }

    private static StoreFault? FaultOf(SqliteException failed, string path) => failed.SqliteErrorCode switch
    {
        DiskFull => StoreFault.Full,
        InputOutput or CannotOpen when failed.SqliteExtendedErrorCode == LogIndexSize || HasNoRoom(path) => StoreFault.Full,
        Damaged or NoDatabase => StoreFault.Corrupt,
        Permission or ReadOnly or CannotOpen => StoreFault.Inaccessible,
        Busy => StoreFault.InUse,
        InputOutput or OutOfMemory => StoreFault.Failed,
        _ => null,
    };

    /// <summary>Where SQLite cannot make a file, it does not say that this is for want of room.</summary>
    private static bool HasNoRoom(string path)
    {
        try
        {
            return new DriveInfo(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) ?? "/").AvailableFreeSpace < LogIndexBytes;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Describe(StoreFault fault, SqliteException? failed) => fault switch
    {
        StoreFault.Full => "cannot grow, the disk is full: make room and try again",
        StoreFault.Corrupt => $"is damaged ({failed?.Message}): restore it from a backup",
        StoreFault.Inaccessible => $"cannot be written ({failed?.Message}): check the permissions of the file and its directory",
        StoreFault.InUse => $"is locked by another program ({failed?.Message}): close that program and try again",
        _ => $"cannot be read or written ({failed?.Message}): check the disk",
    };
}
