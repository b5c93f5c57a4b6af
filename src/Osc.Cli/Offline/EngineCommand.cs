using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;
using Osc.Policy.Incremental;

namespace Osc.Cli.Offline;

/// <summary>osc engine: how the incremental compiler is wired.</summary>
internal static class EngineCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var output = Arguments.Output();
        var command = new Command("engine", "Shows how changes of documents become changes of flows: what follows from what, in the order in which it is worked out.") { output };
        command.SetAction(parsed => shell.Print(parsed.GetValue(output), AnswerJson.Of(EngineGraph.Nodes), () => Print(shell)));
        return new(command, ["osc engine", "osc engine --output json"]);
    }

    private static void Print(Shell shell)
    {
        var table = new Table("node", "follows from", "what a change costs", "code");
        foreach (var node in EngineGraph.Nodes)
        {
            table.Row(node.Name, string.Join(", ", node.Inputs), node.Step, node.Code);
        }

        table.Print(shell);
    }
}
