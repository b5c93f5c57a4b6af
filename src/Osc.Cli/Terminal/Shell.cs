using System.Text;
using System.Text.Json;
using Osc.Cli.CommandLine;
using Osc.Model;
using Osc.Policy.Documents;
using Spectre.Console;

namespace Osc.Cli.Terminal;

/// <summary>What a command sees of the process around it: its streams, its environment, and whether a person watches.</summary>
public sealed class Shell
{
    private readonly IAnsiConsole console;

    public Shell(TextWriter output, TextWriter error, bool isTerminal)
    {
        Out = output;
        Error = error;
        IsTerminal = isTerminal;
        console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });

        // Lines are wrapped by the terminal, which also unwraps them when it grows.
        console.Profile.Width = int.MaxValue / 2;
    }

    /// <summary>For what was asked for.</summary>
    public TextWriter Out { get; }

    /// <summary>For everything else.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether standard output is a terminal: then there are colours and progress.</summary>
    public bool IsTerminal { get; }

    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Standard output as bytes, for what is streamed.</summary>
    public required Func<Stream> OpenOutput { get; init; }

    /// <summary>An environment variable; null if it is not set or empty.</summary>
    public required Func<string, string?> Variable { get; init; }

    public static Shell OfProcess()
    {
        var isTerminal = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb");
        var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        return new(output, Console.Error, isTerminal)
        {
            OpenInput = Console.OpenStandardInput,
            OpenOutput = Console.OpenStandardOutput,
            Variable = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
        };
    }

    public void Line(string text = "") => Out.WriteLine(text);

    /// <summary>A line with Spectre.Console markup in it; only a terminal shows the colours.</summary>
    public void Markup(string markup) => console.MarkupLine(markup);

    /// <summary>Prints an answer: as JSON or YAML as it is, else by <paramref name="table"/>.</summary>
    public int Print(OutputFormat format, JsonElement answer, Action table)
    {
        switch (format)
        {
            case OutputFormat.Json:
                Line(JsonSerializer.Serialize(answer, AnswerJson.Indented));
                break;
            case OutputFormat.Yaml:
                Out.Write(YamlText.Of(answer));
                break;
            default:
                table();
                break;
        }

        return ExitCode.Done;
    }

    /// <summary>Says why something is refused.</summary>
    public int Refuse(params IEnumerable<string> reasons) => Fail(ExitCode.Refused, reasons);

    public int Refuse(ValueList<DocumentError> errors) => Fail(ExitCode.Refused, errors.Select(e => e.ToString()).Append(errors.Count == 1 ? "1 error" : $"{errors.Count} errors"));

    public int Fail(int exitCode, params IEnumerable<string> reasons)
    {
        foreach (var reason in reasons)
        {
            Error.WriteLine(reason);
        }

        return exitCode;
    }
}
