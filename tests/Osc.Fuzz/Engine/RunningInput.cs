using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Text;

namespace Osc.Fuzz.Engine;

/// <summary>
/// The input that is being run, in a file that outlives the process: whatever ends it, a stack that overflows as well, is found there. An input
/// that runs on and on ends the process from here.
/// </summary>
internal sealed class RunningInput : IDisposable
{
    private const int Capacity = 1 << 20;
    private const int Timeout = 124;

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly Timer watch;
    private long started;

    public RunningInput(string path, TimeSpan longest)
    {
        file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, Capacity);
        view = file.CreateViewAccessor();
        watch = new(_ => EndAfter(longest), null, longest / 4, longest / 4);
    }

    /// <summary>From now on this one is run.</summary>
    public void Note(string target, byte[] input)
    {
        var name = Encoding.UTF8.GetBytes(target);
        view.Write(0, name.Length);
        view.Write(4, input.Length);
        view.WriteArray(8, name, 0, name.Length);
        view.WriteArray(8 + name.Length, input, 0, input.Length);
        Volatile.Write(ref started, Stopwatch.GetTimestamp());
    }

    /// <summary>None is run any more.</summary>
    public void Clear()
    {
        view.Write(0, 0);
        Volatile.Write(ref started, 0);
    }

    /// <returns>null: none was run when the process ended.</returns>
    public static (string Target, byte[] Input)? Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        var (name, input) = (reader.ReadInt32(), reader.ReadInt32());
        return name == 0 ? null : (Encoding.UTF8.GetString(reader.ReadBytes(name)), reader.ReadBytes(input));
    }

    public void Dispose()
    {
        watch.Dispose();
        view.Dispose();
        file.Dispose();
    }

    private void EndAfter(TimeSpan longest)
    {
        if (Volatile.Read(ref started) is var since and not 0 && Stopwatch.GetElapsedTime(since) > longest)
        {
            Environment.Exit(Timeout);
        }
    }
}
