namespace Osc.Store.Files;

/// <summary>
/// One process has a store: it holds an exclusive lock (flock) on the file "STORE.lock", which the system takes back when the
/// process ends, however it ends. The empty file itself stays.
/// </summary>
internal sealed class StoreLock : IDisposable
{
    /// <summary>errno EWOULDBLOCK of Linux, which .NET hands on as the HResult when another holds the lock.</summary>
    private const int WouldBlock = 11;

    private readonly FileStream file;

    private StoreLock(FileStream file) => this.file = file;

    /// <exception cref="StoreException">Another process (or this one) has the store, or the lock file cannot be made.</exception>
    public static StoreLock Take(string storePath)
    {
        try
        {
            return new(new FileStream(storePath + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException taken) when (taken.HResult == WouldBlock)
        {
            throw new StoreException(StoreFault.InUse, storePath, "is in use: only one controller may have it open, stop the other one first", taken);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(
                StoreFault.Inaccessible, storePath, $"cannot be opened ({failed.Message}): check its directory and the permissions", failed);
        }
    }

    public void Dispose() => file.Dispose();
}
