using System.Globalization;

namespace Osc.Store.Files;

/// <summary>
/// One process has a store: it holds an exclusive lock on the file "STORE.lock", which the system takes back when the process
/// ends, however it ends. The file itself stays; inside is the id of the process that had it last.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    private readonly FileStream file;

    private StoreLock(FileStream file) => this.file = file;

    /// <exception cref="StoreException">Another process (or this one) has the store, or the lock file cannot be made.</exception>
    public static StoreLock Take(string storePath)
    {
        var path = storePath + ".lock";
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
            file.Flush();
            return new(file);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw Inaccessible(storePath, denied);
        }
        catch (IOException failed)
        {
            throw HolderOf(path) is { } holder
                ? new StoreException(
                    StoreFault.InUse, storePath, $"is in use by process {holder}: only one controller may open it, stop that one first", failed)
                : Inaccessible(storePath, failed);
        }
    }

    public void Dispose() => file.Dispose();

    private static StoreException Inaccessible(string storePath, Exception cause) =>
        new(StoreFault.Inaccessible, storePath, $"cannot be opened: {cause.Message}; check its directory and the permissions", cause);

    /// <summary>The process that holds the lock; null if the lock file cannot be read, so that the trouble is another.</summary>
    private static string? HolderOf(string path)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd().Trim();
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
