using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc apply: put documents into force.</summary>
internal static class ApplyCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var file = Arguments.File();
        file.Required = true;
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be done." };
        var reason = Arguments.Reason();
        var wait = new Option<bool>("--wait") { Description = "Wait until every affected host has the revision." };
        var timeout = Arguments.Timeout("With --wait: seconds to wait at most.");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("apply", "Creates and updates documents on the server, all or nothing.") { file, dryRun, reason, wait, timeout, output };
        server.AddTo(command);
        command.SetAction((parsed, cancellation) => new ApplyRequest(shell, server.Connect(parsed), parsed.GetRequiredValue(file) ?? "-")
        {
            Path = parsed.GetValue(dryRun) ? "apply?dryRun=true" : "apply",
            Reason = parsed.GetValue(reason),
            Watch = parsed.GetValue(wait) ? new RolloutWatch(shell, parsed.GetValue(timeout)) : null,
        }.RunAsync(parsed.GetValue(output), cancellation));
        return new(command,
        [
            "osc apply -f policies/three-tier-shop --reason 'TICKET-17: open the database to reporting'",
            "osc apply -f shop.yaml --dry-run",
            "osc apply -f - --wait --timeout 60 < shop.yaml",
        ]);
    }
}
