using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Server;
using Osc.Cli.Terminal;

namespace Osc.Cli.Offline;

/// <summary>osc plan: what would a change do? Between two directories, or against a server.</summary>
internal static class PlanCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var before = new Argument<string?>("OLD_DIR") { Description = "The documents as they are.", Arity = ArgumentArity.ZeroOrOne };
        var after = new Argument<string?>("NEW_DIR") { Description = "The documents as they shall be.", Arity = ArgumentArity.ZeroOrOne };
        var file = Arguments.File();
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("plan", "Says what a change would do: which connections it newly allows and drops, documents with their fields, flows of each host. Changes nothing.") { before, after, file, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) => (parsed.GetValue(before), parsed.GetValue(after), parsed.GetValue(file)) switch
        {
            ({ } old, { } fresh, null) => Compare(shell, old, fresh, parsed.GetValue(output)),
            (null, null, { } source) => await new ApplyRequest(shell, server.Connect(parsed), source) { Path = "plan" }.RunAsync(parsed.GetValue(output), cancellation),
            _ => shell.Fail(ExitCode.BadUsage, "say either OLD_DIR and NEW_DIR, or -f and a server"),
        });
        return new(command,
        [
            "osc plan policies/three-tier-shop /tmp/changed-shop",
            "osc plan -f shop.yaml --server https://osc.example.com",
        ]);
    }

    private static int Compare(Shell shell, string oldPath, string newPath, OutputFormat format)
    {
        // What is in force may be anything that once was sound; what shall be must be enforceable.
        var before = LoadedState.Of(oldPath);
        var after = LoadedState.Enforceable(newPath);
        if (before.State is not { } old || after.State is not { } fresh)
        {
            return shell.Refuse([.. before.State is null ? before.Errors : [], .. after.Errors]);
        }

        var plan = OfflinePlan.Between(old, fresh);
        return shell.Print(format, AnswerJson.Of(plan), () => Print(shell, plan));
    }

    private static void Print(Shell shell, OfflinePlan plan)
    {
        foreach (var change in plan.Changes)
        {
            shell.Markup($"{Cell.State(change.Change).Markup("")} {change.Document}");
            foreach (var field in change.Fields)
            {
                shell.Line("  " + field);
            }
        }

        if (plan.Changes.Count == 0)
        {
            shell.Line("no document changes");
        }

        shell.Line();
        var table = new Table("host", "added", "removed", "flows");
        foreach (var host in plan.Hosts)
        {
            table.Row(host.Host, host.Added, host.Removed, host.Flows);
        }

        table.Print(shell);
        EffectsPrinter.Print(shell, plan.Effects);
    }
}
