using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc revisions: the history, newest first.</summary>
internal static class RevisionsCommand
{
    private const int UsualLimit = 50;

    public static DescribedCommand Create(Shell shell)
    {
        var limit = Arguments.Limit($"revisions; {UsualLimit} unless said");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("revisions", "Lists revisions: when, by whom and why.") { limit, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var list = await Listing.ReadAllAsync(client, new("revisions"), parsed.GetValue(limit) ?? UsualLimit, cancellation);
            return list.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, list.Read<Page>())) : shell.Fail(list);
        });
        return new(command, ["osc revisions", "osc revisions --limit 5 --output yaml"]);
    }

    private static void Print(Shell shell, Page page)
    {
        var table = new Table("revision", "time", "actor", "changes", "reason");
        foreach (var item in page.Read<RevisionAnswer>())
        {
            table.Row(item.Revision, Times.Show(item.Time), item.Actor, item.Changes, item.Reason);
        }

        table.Print(shell);
    }
}
