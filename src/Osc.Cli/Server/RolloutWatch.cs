using System.Globalization;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>Follows a rollout until no host is on its way, and says how far it is: in place on a terminal, else a line a step.</summary>
/// <param name="timeoutSeconds">How long to follow at most; null is as long as it takes.</param>
internal sealed class RolloutWatch(Shell shell, double? timeoutSeconds)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private string shown = "";

    /// <returns>Done when all hosts have the revision; refused when one refused it, or time ran out.</returns>
    public async Task<int> FollowAsync(ApiClient client, long revision, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (timeoutSeconds is { } seconds)
        {
            timeout.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        try
        {
            return await PollAsync(client, revision, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            End();
            return shell.Refuse($"revision {revision} is not everywhere after {timeoutSeconds?.ToString(CultureInfo.InvariantCulture)} seconds");
        }
    }

    private async Task<int> PollAsync(ApiClient client, long revision, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval);
        do
        {
            var answer = await client.SendAsync(ApiRequest.Get($"rollouts/{revision}"), cancellation);
            if (answer.Body is null)
            {
                End();
                return shell.Fail(answer);
            }

            var rollout = answer.Read<RolloutAnswer>();
            Show(rollout);
            if (rollout.IsOver)
            {
                End();
                return rollout.IsRefused
                    ? shell.Refuse(rollout.Hosts.Where(h => h.State == "refused").Select(h => $"host {h.Host} refused revision {revision}: {h.Error}"))
                    : ExitCode.Done;
            }
        }
        while (await timer.WaitForNextTickAsync(cancellation));
        return ExitCode.Interrupted;
    }

    private void Show(RolloutAnswer rollout)
    {
        var waiting = rollout.Hosts.Where(h => h.State is not "acked").Select(h => $"{h.Host} {h.State}").ToList();
        var text = (rollout.Total == 0 ? $"revision {rollout.Revision}: no host has other flows for it" : $"revision {rollout.Revision}: {rollout.Acked} of {rollout.Total} hosts")
            + (waiting.Count > 0 ? $", waiting for {string.Join(", ", waiting.Take(5))}{(waiting.Count > 5 ? $" and {waiting.Count - 5} more" : "")}" : "");
        if (text == shown)
        {
            return;
        }

        if (shell.IsTerminal)
        {
            shell.Error.Write("\r\u001b[K" + text);
        }
        else
        {
            shell.Error.WriteLine(text);
        }

        shown = text;
    }

    private void End()
    {
        if (shell.IsTerminal && shown.Length > 0)
        {
            shell.Error.WriteLine();
        }
    }
}
