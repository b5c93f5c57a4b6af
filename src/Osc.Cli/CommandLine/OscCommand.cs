using System.CommandLine;
using System.Text.Json;
using Osc.Cli.Offline;
using Osc.Cli.Server;
using Osc.Cli.Terminal;

namespace Osc.Cli.CommandLine;

/// <summary>The whole command line of osc.</summary>
public static class OscCommand
{
    private const string Description = """
        Says who may talk to whom, checks it, shows what a change would do, and puts it into force.

        check, compile, explain, reach, plan and verify work on files alone; engine shows how flows are kept up to date. With a server (--server or
        OSC_SERVER, and a token in OSC_TOKEN or --token-file) there is more: apply, get, delete, hosts, alarms, rollout, audit, traffic, revisions, diff, blame, propose, proposals, approve, reject, break-glass, emergencies, auth, token.

        Exit codes: 0 done, 1 refused, 2 bad usage, 3 server out of reach.
        """;

    /// <summary>Runs one command line; the result is an <see cref="ExitCode"/>.</summary>
    public static async Task<int> RunAsync(string[] arguments, Shell shell, CancellationToken cancellation = default)
    {
        var root = new RootCommand(Description);
        Help.AddTo(root,
        [
            CheckCommand.Create(shell),
            CompileCommand.Create(shell),
            ExplainCommand.Create(shell),
            ReachCommand.Create(shell),
            PlanCommand.Create(shell),
            EngineCommand.Create(shell),
            VerifyCommand.Create(shell),
            ApplyCommand.Create(shell),
            GetCommand.Create(shell),
            DeleteCommand.Create(shell),
            HostCommands.CreateList(shell),
            HostCommands.CreateOne(shell),
            EnrolCommand.Create(shell),
            AlarmsCommand.Create(shell),
            RolloutCommand.Create(shell),
            RevisionsCommand.Create(shell),
            DiffCommand.Create(shell),
            BlameCommand.Create(shell),
            AuditCommand.Create(shell),
            TrafficCommands.Create(shell),
            ProposalCommands.Propose(shell),
            ProposalCommands.List(shell),
            ProposalCommands.Approve(shell),
            ProposalCommands.Reject(shell),
            EmergencyCommands.Open(shell),
            EmergencyCommands.List(shell),
            AuthCommands.Create(shell),
            TokenCommands.Create(shell),
        ]);
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            var path = string.Join(' ', Names(parsed.CommandResult.Command));
            return shell.Fail(ExitCode.BadUsage, [.. parsed.Errors.Select(e => e.Message), $"see: {path} --help"]);
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { Output = shell.Out, Error = shell.Error, EnableDefaultExceptionHandler = false }, cancellation);
        }
        catch (JsonException e)
        {
            return shell.Fail(ExitCode.ServerOutOfReach, $"what answers is no Osc controller of this version: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    private static IEnumerable<string> Names(Command command)
    {
        foreach (var parent in command.Parents.OfType<Command>())
        {
            foreach (var name in Names(parent))
            {
                yield return name;
            }
        }

        yield return command is RootCommand ? "osc" : command.Name;
    }
}
