using System.Diagnostics;

namespace Osc.Fuzz.Engine;

/// <summary>
/// A copy of this program beside which Osc's own assemblies count the edges that they take. The copy runs the campaigns: one that dies of an
/// input leaves it on the disk, and the next one goes on.
/// </summary>
internal static class Instrumentation
{
    /// <param name="folder">Where the copy goes; replaced.</param>
    public static string Copy(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy) ?? folder);
            File.Copy(file, copy);
        }

        foreach (var assembly in Directory.EnumerateFiles(folder, "*.dll").Where(IsOurs))
        {
            // Its own code that is generated for JSON counts too: that is where shapes are told apart.
            SharpFuzz.Fuzzer.Instrument(assembly, static _ => true, SharpFuzz.Options.Value);
        }

        return Path.Combine(folder, "Osc.Fuzz.dll");
    }

    /// <summary>Runs the copy until it ends.</summary>
    /// <returns>Its exit code.</returns>
    public static int Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet", [program, .. arguments]))
            ?? throw new InvalidOperationException("dotnet did not start");
        process.WaitForExit();
        return process.ExitCode;
    }

    private static bool IsOurs(string assembly)
    {
        var name = Path.GetFileName(assembly);
        return (name.StartsWith("Osc.", StringComparison.Ordinal) && name != "Osc.Fuzz.dll") || name.StartsWith("osc", StringComparison.Ordinal);
    }
}
