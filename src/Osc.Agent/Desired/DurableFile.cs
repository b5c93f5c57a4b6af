using System.Runtime.InteropServices;

namespace Osc.Agent.Desired;

/// <summary>Changes files so that after a crash or a power cut, at any moment, what they had is there, and what they were given or a part of its beginning.</summary>
internal static partial class DurableFile
{
    /// <summary>O_RDONLY (open(2)).</summary>
    private const int ReadOnly = 0;

    /// <summary>Temporary file, fsync, rename, fsync of the directory. Returns when the new content will survive.</summary>
    /// <exception cref="IOException">The disk does not take it; the file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its directory may not be written.</exception>
    /// <param name="mode">Who may do what with it.</param>
    public static void Replace(string path, Action<Stream> write, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead)
    {
        var temporary = path + ".new";
        File.Delete(temporary); // one that is left has the mode that it was given
        using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 64 * 1024, UnixCreateMode = mode }))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Writes behind what counts of a file, over whatever follows there; makes the file if it is missing. Returns when that will survive.</summary>
    /// <param name="length">How many bytes of the file count.</param>
    /// <returns>How many count then.</returns>
    /// <exception cref="IOException">The disk does not take it; the first <paramref name="length"/> bytes are as they were.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its directory may not be written.</exception>
    public static long Append(string path, long length, ReadOnlySpan<byte> bytes)
    {
        using (var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write))
        {
            if (RandomAccess.GetLength(handle) != length)
            {
                RandomAccess.SetLength(handle, length);
            }

            RandomAccess.Write(handle, bytes, length);
            RandomAccess.FlushToDisk(handle);
        }

        if (length == 0)
        {
            SyncDirectory(Path.GetDirectoryName(path)!);
        }

        return length + bytes.Length;
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
