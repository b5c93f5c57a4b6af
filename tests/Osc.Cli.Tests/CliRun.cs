using System.Text;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Tests;

/// <summary>What one command line did.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <param name="arguments">Separated by spaces.</param>
    public static Task<CliRun> Of(string arguments, string input = "", IReadOnlyDictionary<string, string>? variables = null, bool isTerminal = false) =>
        OfArguments(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), input, variables, isTerminal);

    public static async Task<CliRun> OfArguments(string[] arguments, string input = "", IReadOnlyDictionary<string, string>? variables = null, bool isTerminal = false)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var bytes = new MemoryStream();
        var shell = new Shell(output, error, isTerminal)
        {
            OpenInput = () => new MemoryStream(Encoding.UTF8.GetBytes(input)),
            OpenOutput = () => bytes,
            Variable = name => variables?.GetValueOrDefault(name),
        };
        var code = await OscCommand.RunAsync(arguments, shell);
        return new(code, output + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
