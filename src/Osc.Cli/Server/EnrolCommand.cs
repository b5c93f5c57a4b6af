using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc enrol: a code by which a host's agent gets its certificate.</summary>
internal static class EnrolCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var name = new Argument<string>("HOST") { Description = "The host whose agent is new: the name of its Host document." };
        var reason = Arguments.Reason();
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("enrol", "Makes a code by which a host's agent enrols, once, within a day. The code alone is printed on standard output.") { name, reason, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var answer = await client.SendAsync(new ApiRequest(HttpMethod.Post, $"hosts/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}/enrolment") { Reason = parsed.GetValue(reason) }, cancellation);
            return answer.Body is { } body
                ? shell.Print(parsed.GetValue(output), body, () =>
                {
                    var code = answer.Read<EnrolmentCode>();
                    shell.Error.WriteLine($"good until {Times.Show(code.Expires)}, once; on the host: osc-agent --enrol URL, with the code on its standard input");
                    shell.Line(code.Code);
                })
                : shell.Fail(answer);
        });
        return new(command, ["osc enrol h1", "osc enrol h1 | ssh h1 sudo osc-agent --enrol https://osc.example"]);
    }

    private sealed record EnrolmentCode(string Host, string Code, DateTimeOffset Expires);
}
