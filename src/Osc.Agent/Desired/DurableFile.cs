using System.Runtime.InteropServices;

namespace Osc.Agent.Desired;

/// <summary>Replaces a file so that after a crash or a power cut, at any moment, it is whole: as it was or as it shall be.</summary>
internal static partial class DurableFile
{
    /// <summary>O_RDONLY (open(2)).</summary>
    private const int ReadOnly = 0;

    /// <summary>Temporary file, fsync, rename, fsync of the directory. Returns when the new content will survive.</summary>
    /// <exception cref="IOException">The disk does not take it; the file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its directory may not be written.</exception>
    public static void Replace(string path, Action<Stream> write)
    {
        var temporary = path + ".new";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes a file for good.</summary>
    public static void Remove(string path)
    {
        File.Delete(path);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static void SyncDirectory(string directory)
    {
        var descriptor = Open(directory, ReadOnly);
        if (descriptor < 0)
        {
            throw Failure(directory);
        }

        var failed = Fsync(descriptor) != 0;
        var failure = failed ? Failure(directory) : null;
        _ = Close(descriptor);
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static IOException Failure(string directory) => new($"{directory}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
