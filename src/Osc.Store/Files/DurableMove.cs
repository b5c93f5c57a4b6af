using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Osc.Store.Files;

/// <summary>
/// The last step of writing a file that shall be there wholly or not at all: its content is on the disk under another name, and it gets its own. A file's own fsync
/// does not promise that its name survives a power cut (fsync(2)): the directory is flushed too.
/// </summary>
public static partial class DurableMove
{
    /// <summary>O_RDONLY (open(2)).</summary>
    private const int ReadOnly = 0;

    /// <param name="from">Its content is flushed.</param>
    /// <param name="to">In the same directory.</param>
    /// <exception cref="IOException">The disk does not take it, or there is such a file already.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    public static void Do(string from, string to, bool overwrite = false)
    {
        File.Move(from, to, overwrite);
        var directory = Path.GetDirectoryName(Path.GetFullPath(to)) ?? "/";
        var descriptor = Open(directory, ReadOnly);
        if (descriptor < 0)
        {
            throw Failure(directory);
        }

        var failure = Fsync(descriptor) == 0 ? null : Failure(directory);
        _ = Close(descriptor);
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static IOException Failure(string directory)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new($"{directory}: {error.Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
