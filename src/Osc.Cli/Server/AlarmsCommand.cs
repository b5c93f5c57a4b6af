using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc alarms: what is, or was, wrong on hosts.</summary>
internal static class AlarmsCommand
{
    private const int UsualLimit = 100;

    public static DescribedCommand Create(Shell shell)
    {
        Option<string?>[] filters =
        [
            Arguments.Text("--state", "standing|over|all", "Those that stand, as usual; those that are over; or all."),
            Arguments.Text("--host", "NAME", "Of this host."),
            Arguments.Text("--kind", "KIND", "Of this kind: agent-silent, switch-away, upcalls-lost, update-refused, ..."),
            Arguments.Text("--severity", "critical|warning|info", "Of this severity."),
        ];
        var limit = Arguments.Limit($"alarms; {UsualLimit} unless said");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("alarms", "Lists alarms, newest first: what is wrong, where, since when.") { limit, output };
        foreach (var filter in filters)
        {
            command.Add(filter);
        }

        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var path = filters.Aggregate(new QueryPath("alarms"), (p, f) => p.With(f.Name.TrimStart('-'), parsed.GetValue(f)));
            var list = await Listing.ReadAllAsync(client, path, parsed.GetValue(limit) ?? UsualLimit, cancellation);
            return list.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, list.Read<Page>())) : shell.Fail(list);
        });
        return new(command, ["osc alarms", "osc alarms --severity critical", "osc alarms --state over --host h1 --output json"]);
    }

    /// <summary>A table of alarms; those that are over say until when they stood.</summary>
    public static void Print(Shell shell, IReadOnlyList<AlarmAnswer> alarms)
    {
        var isOver = alarms.Any(a => a.Cleared is not null);
        var table = new Table(["host", "severity", "alarm", "about", "since", .. isOver ? (string[])["until"] : [], "detail"]);
        foreach (var alarm in alarms)
        {
            Cell[] until = isOver ? [alarm.Cleared is { } cleared ? Times.Show(cleared) : "stands"] : [];
            table.Row([alarm.Host, Cell.State(alarm.Severity), alarm.Kind, alarm.Subject, Times.Show(alarm.Since), .. until, alarm.Detail]);
        }

        table.Print(shell);
    }

    private static void Print(Shell shell, Page page)
    {
        Print(shell, [.. page.Read<AlarmAnswer>()]);
        if (page.Next is not null)
        {
            shell.Error.WriteLine("there are more: raise --limit");
        }
    }
}
