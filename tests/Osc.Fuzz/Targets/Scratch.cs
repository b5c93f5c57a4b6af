namespace Osc.Fuzz.Targets;

/// <summary>Folders for what can only be read from a file or through a socket; gone with the process.</summary>
internal static class Scratch
{
    /// <summary>In memory, where Linux has it: a disk would be most of the time.</summary>
    private const string Memory = "/dev/shm";

    private static readonly string Root = Directory.CreateDirectory(Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"osc-fuzz-{Environment.ProcessId}")).FullName;

    static Scratch() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Directory.Delete(Root, recursive: true);

    public static string NewFolder() => Directory.CreateDirectory(Path.Combine(Root, Guid.NewGuid().ToString("N"))).FullName;
}
