using System.ComponentModel;
using System.Diagnostics;

namespace Osc.Lab;

/// <summary>Runs programs of the system: ip, ethtool, ovs-*.</summary>
public static class Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="input">What it reads on standard input; null is nothing.</param>
    /// <param name="environment">Variables to set besides the inherited ones.</param>
    /// <returns>Its standard output.</returns>
    /// <exception cref="LabException">The program is missing, or ended with another exit code than 0; with its standard error.</exception>
    public static async Task<string> RunAsync(
        string program,
        IEnumerable<string> arguments,
        string? input = null,
        IReadOnlyDictionary<string, string>? environment = null,
        CancellationToken cancellation = default)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(Patience);
        using var process = Start(program, arguments, environment);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.StandardInput.WriteAsync((input ?? "").AsMemory(), timeout.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
            return process.ExitCode == 0
                ? await output
                : throw new LabException($"{Line(program, arguments)}: exit code {process.ExitCode}: {(await error).Trim()}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new LabException($"{Line(program, arguments)}: not done after {Patience.TotalSeconds} s");
        }
    }

    /// <summary>Starts a program with its three streams redirected.</summary>
    /// <exception cref="LabException">The program is missing.</exception>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Find(program), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) ?? throw new LabException($"{program} did not start");
        }
        catch (Win32Exception e)
        {
            throw new LabException($"{program} cannot be started: {e.Message}", e);
        }
    }

    /// <summary>A program's full path: administrators' directories are looked through too, which a person's PATH may lack.</summary>
    private static string Find(string program)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(["/usr/sbin", "/sbin", "/usr/bin", "/bin"]);
        return Path.IsPathRooted(program)
            ? program
            : directories.Where(d => d.Length > 0).Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists)
                ?? throw new LabException($"{program} is not installed: run scripts/setup");
    }

    private static string Line(string program, IEnumerable<string> arguments) => $"{program} {string.Join(' ', arguments)}";
}
