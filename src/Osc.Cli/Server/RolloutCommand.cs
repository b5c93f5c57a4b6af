using System.CommandLine;
using System.Globalization;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc rollout: which hosts have a revision.</summary>
internal static class RolloutCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var revision = Arguments.Revision("The revision; without it the newest rollouts are listed.");
        var watch = new Option<bool>("--watch") { Description = "Follow it (the newest, if none is named) until no host is on its way." };
        var timeout = Arguments.Timeout("With --watch: seconds to follow at most.");
        var limit = Arguments.Limit("rollouts");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("rollout", "Says which hosts have a revision.") { revision, watch, timeout, limit, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var follow = parsed.GetValue(watch) ? new RolloutWatch(shell, parsed.GetValue(timeout)) : null;
            var number = parsed.GetValue(revision);
            if (number is null || follow is not null)
            {
                var list = await client.SendAsync(ApiRequest.Get(new QueryPath("rollouts").With("limit", number is null && follow is null ? parsed.GetValue(limit)?.ToString(CultureInfo.InvariantCulture) : "1").ToString()), cancellation);
                if (list.Body is not { } body)
                {
                    return shell.Fail(list);
                }

                var rollouts = list.Read<Page>().Read<RolloutAnswer>().ToList();
                if (follow is null)
                {
                    return shell.Print(parsed.GetValue(output), body, () => PrintList(shell, rollouts));
                }

                number ??= rollouts.Count > 0 ? rollouts[0].Revision : null;
                var code = number is { } followed ? await follow.FollowAsync(client, followed, cancellation) : ExitCode.Done;
                if (code != ExitCode.Done || number is null)
                {
                    return code;
                }
            }

            var answer = await client.SendAsync(ApiRequest.Get($"rollouts/{number}"), cancellation);
            return answer.Body is { } one ? shell.Print(parsed.GetValue(output), one, () => PrintOne(shell, answer.Read<RolloutAnswer>())) : shell.Fail(answer);
        });
        return new(command, ["osc rollout", "osc rollout 17", "osc rollout --watch --timeout 60"]);
    }

    private static void PrintList(Shell shell, IEnumerable<RolloutAnswer> rollouts)
    {
        var table = new Table("revision", "started", "finished", "hosts", "state");
        foreach (var rollout in rollouts)
        {
            var state = rollout.IsRefused ? "refused" : rollout.IsOver ? "acked" : "pending";
            table.Row(rollout.Revision, Times.Show(rollout.Started), rollout.Finished is null ? "" : Times.Show(rollout.Finished), $"{rollout.Acked}/{rollout.Total}", Cell.State(state));
        }

        table.Print(shell);
    }

    private static void PrintOne(Shell shell, RolloutAnswer rollout)
    {
        shell.Line($"revision {rollout.Revision}, started {Times.Show(rollout.Started)}: {rollout.Acked} of {rollout.Total} hosts have it");
        var table = new Table("host", "state", "acked", "ms", "error");
        foreach (var host in rollout.Hosts)
        {
            table.Row(host.Host, Cell.State(host.State), host.AckedAt is null ? "" : Times.Show(host.AckedAt), host.Milliseconds?.ToString("0.0", CultureInfo.InvariantCulture), host.Error);
        }

        table.Print(shell);
    }
}
