using System.CommandLine;
using System.Globalization;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc break-glass and emergencies: policies that cannot wait.</summary>
internal static class EmergencyCommands
{
    public static DescribedCommand Open(Shell shell)
    {
        var file = Arguments.File();
        file.Required = true;
        var minutes = new Option<int?>("--minutes") { Description = "How long; 60 unless said, 1440 at most.", HelpName = "N" };
        var reason = Arguments.Reason();
        reason.Required = true;
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("break-glass", "Puts new policies of the emergency tier into force at once, for a while.") { file, minutes, reason, output };
        server.AddTo(command);
        command.SetAction((parsed, cancellation) => new ApplyRequest(shell, server.Connect(parsed), parsed.GetRequiredValue(file) ?? "-")
        {
            Path = new QueryPath("emergencies").With("minutes", parsed.GetValue(minutes)?.ToString(CultureInfo.InvariantCulture)).ToString(),
            Reason = parsed.GetValue(reason),
        }.RunAsync(parsed.GetValue(output), cancellation));
        return new(command, ["osc break-glass -f cut-off.yaml --minutes 120 --reason 'INC-9: the worm spreads by tcp/445'"]);
    }

    public static DescribedCommand List(Shell shell)
    {
        var close = Arguments.Text("--close", "TENANT/NAME", "Takes this one away before its time is over.");
        var reason = Arguments.Reason();
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("emergencies", "Lists emergency policies, also those that are gone, newest first; or takes one away.") { close, reason, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            if (parsed.GetValue(close) is { } policy)
            {
                var closed = await client.SendAsync(new ApiRequest(HttpMethod.Post, new QueryPath("emergencies/close").With("policy", policy).ToString()) { Reason = parsed.GetValue(reason) }, cancellation);
                return closed.Body is { } change ? shell.Print(parsed.GetValue(output), change, () => shell.Line($"{policy} is gone, revision {closed.Read<ChangeAnswer>().Revision}")) : shell.Fail(closed);
            }

            var list = await client.SendAsync(ApiRequest.Get("emergencies"), cancellation);
            return list.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, list.Read<Page>())) : shell.Fail(list);
        });
        return new(command, ["osc emergencies", "osc emergencies --close shop/cut-off --reason 'it is over'"]);
    }

    private static void Print(Shell shell, Page page)
    {
        var table = new Table("policy", "by", "since", "until", "gone", "reason");
        foreach (var one in page.Read<EmergencyAnswer>())
        {
            table.Row(one.Policy, one.OpenedBy, Times.Show(one.Opened), Times.Show(one.Expires), one.Closed is { } closed ? Times.Show(closed) : new Cell("in force", "red"), one.Reason);
        }

        table.Print(shell);
    }

    private sealed record EmergencyAnswer(string Policy, string OpenedBy, DateTimeOffset Opened, DateTimeOffset Expires, string Reason, DateTimeOffset? Closed = null);
}
