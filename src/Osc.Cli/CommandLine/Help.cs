using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Osc.Cli.CommandLine;

/// <summary>Examples below a command's help.</summary>
internal sealed class Help : SynchronousCommandLineAction
{
    private readonly HelpAction usual;
    private readonly IReadOnlyDictionary<Command, IReadOnlyList<string>> examples;

    private Help(HelpAction usual, IReadOnlyDictionary<Command, IReadOnlyList<string>> examples)
    {
        this.usual = usual;
        this.examples = examples;
    }

    /// <summary>Puts described commands under the root, and their examples into its help.</summary>
    public static void AddTo(RootCommand root, IEnumerable<DescribedCommand> commands)
    {
        var examples = new Dictionary<Command, IReadOnlyList<string>>();
        foreach (var (command, lines) in commands)
        {
            root.Add(command);
            examples.Add(command, lines);
        }

        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new Help((HelpAction)(option.Action ?? throw new InvalidOperationException("the help option has no action")), examples);
    }

    /// <summary>Help is given whatever else is missing on the line.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out var lines))
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var line in lines)
            {
                output.WriteLine("  " + line);
            }
        }

        return code;
    }
}

/// <summary>A command and command lines that show what it is for.</summary>
internal sealed record DescribedCommand(Command Command, IReadOnlyList<string> Examples);
