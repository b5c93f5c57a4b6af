using System.CommandLine;
using System.Text.Json;
using Osc.Cli.CommandLine;
using Osc.Cli.Server;
using Osc.Cli.Terminal;
using Osc.Policy.Reach;
using Osc.Policy.Verify.Meaning;

namespace Osc.Cli.Offline;

/// <summary>osc reach: what may go from one group to another? From files, or from a server.</summary>
internal static class ReachCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var path = new Argument<string?>("DIR") { Description = "Documents to ask; without it a server is asked.", Arity = ArgumentArity.ZeroOrOne };
        var from = Arguments.Text("--from", "GROUP", "tenant/group, or a range with --vrf.");
        var to = Arguments.Text("--to", "GROUP", "Likewise.");
        from.Required = to.Required = true;
        var vrf = Arguments.Text("--vrf", "TENANT/VRF", "Only in this address space.");
        var at = Arguments.Text("--at", "TIME|REVISION", "As of then; a server's to answer.");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("reach", "Says which services every pair of members of two groups may use, and which only some.") { path, from, to, vrf, at, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var question = new ReachQuestion { From = parsed.GetValue(from), To = parsed.GetValue(to), Vrf = parsed.GetValue(vrf) };
            var format = parsed.GetValue(output);
            return (parsed.GetValue(path), parsed.GetValue(at)) switch
            {
                ({ }, { }) => shell.Fail(ExitCode.BadUsage, "files have no history: --at goes to a server"),
                ({ } directory, null) => Ask(shell, directory, question, format),
                (null, var then) => await AskServer(shell, server.Connect(parsed), then, question, format, cancellation),
            };
        });
        return new(command,
        [
            "osc reach policies/three-tier-shop --from shop/web --to shop/db",
            "osc reach policies/three-tier-shop --from 0.0.0.0/0 --to shop/db --vrf shop/default",
            "osc reach --server https://osc.example.com --at 2026-11-01T12:00:00Z --from shop/web --to shop/db",
        ]);
    }

    private static int Ask(Shell shell, string path, ReachQuestion question, OutputFormat format)
    {
        var loaded = LoadedState.Of(path);
        if (loaded.State is not { } state)
        {
            return shell.Refuse(loaded.Errors);
        }

        var (answer, errors) = Reachability.Ask(new PolicyMeaning(state), question);
        return answer is null ? shell.Refuse(errors.Select(e => "--" + e)) : Print(shell, format, AnswerJson.Of(answer));
    }

    private static async Task<int> AskServer(Shell shell, ApiClient? client, string? at, ReachQuestion question, OutputFormat format, CancellationToken cancellation)
    {
        if (client is null)
        {
            return ExitCode.BadUsage;
        }

        var path = "reach" + (at is null ? "" : "?at=" + Uri.EscapeDataString(at));
        var answer = await client.SendAsync(ApiRequest.Post(path, AnswerJson.Of(question)), cancellation);
        return answer.Body is { } body ? Print(shell, format, body) : shell.Fail(answer);
    }

    private static int Print(Shell shell, OutputFormat format, JsonElement answer) => shell.Print(format, answer, () =>
    {
        var reach = answer.Deserialize<ReachAnswer>(AnswerJson.Compact) ?? throw new InvalidOperationException("an answer is an object");
        shell.Line($"{reach.From} -> {reach.To}{(reach.Revision is { } revision ? $", at revision {revision}" : "")}");
        if (reach.Vrfs.Count == 0)
        {
            shell.Line("no vrf has addresses of both");
        }

        foreach (var vrf in reach.Vrfs)
        {
            shell.Line($"vrf {vrf.Vrf}");
            if (vrf.IsClosed)
            {
                shell.Line("  nothing may pass");
            }

            if (vrf.EveryPair.Length > 0)
            {
                shell.Line($"  every pair: {vrf.EveryPair} ({string.Join(", ", vrf.EveryPairRules)})");
            }

            foreach (var pairs in vrf.SomePairs)
            {
                shell.Line($"  {pairs.Sources} -> {pairs.Destinations}: {pairs.Services} ({string.Join(", ", pairs.Rules)})");
            }
        }
    });
}
