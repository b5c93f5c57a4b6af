using Osc.Lab;

namespace Osc.Integration.WholeSystem;

/// <summary>A program of bin/ run to its end: what a shell sees of it.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The path of a program of this build.</summary>
    public static string PathOf(string program)
    {
        var path = Path.Combine(PolicySet.Repository, "bin", program);
        return File.Exists(path) ? path : throw new LabException($"{path} is missing: make build");
    }

    /// <exception cref="LabException">The program does not end.</exception>
    public static async Task<ProgramRun> OfAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string input = "")
    {
        using var process = Command.Start(PathOf(program), arguments, environment);
        using var timeout = new CancellationTokenSource(Patience);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var error = process.StandardError.ReadToEndAsync(timeout.Token);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
            return new(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new LabException($"{program} still runs after {Patience.TotalSeconds} s");
        }
    }
}
