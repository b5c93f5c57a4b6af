using System.Diagnostics;
using System.Globalization;

namespace Osc.Lab;

/// <summary>
/// What a lab owns on the machine: a name, a directory, network namespaces and processes. All of it goes when the lab is
/// disposed, and also when its process dies in any other way: a guard process waits for that (sweep.sh).
/// </summary>
public sealed class LabSpace : IAsyncDisposable
{
    private const int MaxLabsOfFamily = 64;

    private readonly FileStream claim;
    private readonly Process guard;
    private readonly Lock gate = new();

    private LabSpace(string name, string directory, FileStream claim)
    {
        Name = name;
        DirectoryPath = directory;
        this.claim = claim;
        Directory.CreateDirectory(directory);
        guard = Sweep(name, directory, "when-closed");
    }

    /// <summary>Unique among the labs that are up: the family and a number.</summary>
    public string Name { get; }

    /// <summary>For sockets, databases and logs; removed with the lab.</summary>
    public string DirectoryPath { get; }

    /// <summary>
    /// Takes the first free name of a family ("demo0", "demo1", ...) and sweeps away what an earlier lab of that name, whose machine died, has left.
    /// </summary>
    /// <param name="family">1 to 8 lower-case letters.</param>
    /// <exception cref="LabException">Not root, a tool is missing, or too many labs are up.</exception>
    public static async Task<LabSpace> ClaimAsync(string family)
    {
        if (family.Length is 0 or > 8 || !family.All(char.IsAsciiLetterLower))
        {
            throw new ArgumentException($"'{family}' is not 1 to 8 lower-case letters", nameof(family));
        }

        if (!Environment.IsPrivilegedProcess)
        {
            throw new LabException("a lab makes network namespaces and switches: it needs root");
        }

        var root = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "osc-lab")).FullName;
        for (var i = 0; i < MaxLabsOfFamily; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{family}{i}");
            if (TryLock(Path.Combine(root, $"{name}.lock")) is { } claim)
            {
                var directory = Path.Combine(root, name);
                using var sweep = Sweep(name, directory, "now");
                await FinishAsync(sweep, name);
                return new(name, directory, claim);
            }
        }

        throw new LabException($"{MaxLabsOfFamily} labs called '{family}' are up already");
    }

    /// <summary>Makes a network namespace of this lab.</summary>
    /// <param name="name">Unique in the lab.</param>
    public Task<Netns> AddNamespaceAsync(string name) => Netns.CreateAsync($"{Prefix(Name)}{name}");

    /// <summary>Starts a program that lives as long as the lab at most. Its output is the caller's to read.</summary>
    public Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var process = Command.Start(program, arguments, environment);
        var start = File.ReadAllText($"/proc/{process.Id}/stat").Split(") ")[^1].Split(' ')[19];
        lock (gate)
        {
            File.AppendAllText(Path.Combine(DirectoryPath, "processes"), string.Create(CultureInfo.InvariantCulture, $"{process.Id} {start}\n"));
        }

        return process;
    }

    /// <summary>Ends all processes, removes all namespaces and the directory.</summary>
    public async ValueTask DisposeAsync()
    {
        await FinishAsync(guard, Name);
        guard.Dispose();
        await claim.DisposeAsync();
    }

    private static string Prefix(string name) => $"osc-{name}-";

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            // Another process holds it: that lab is up.
            return null;
        }
    }

    private static Process Sweep(string name, string directory, string moment)
    {
        using var script = new StreamReader(typeof(LabSpace).Assembly.GetManifestResourceStream("sweep.sh")
            ?? throw new InvalidOperationException("sweep.sh is not in the assembly"));
        return Command.Start("setsid", ["--wait", "bash", "-c", script.ReadToEnd(), "osc-lab-sweep", Prefix(name), directory, moment]);
    }

    private static async Task FinishAsync(Process sweep, string name)
    {
        sweep.StandardInput.Close();
        var error = await sweep.StandardError.ReadToEndAsync();
        await sweep.WaitForExitAsync();
        if (sweep.ExitCode != 0)
        {
            throw new LabException($"the lab {name} could not be removed whole: {error.Trim()}");
        }
    }
}
