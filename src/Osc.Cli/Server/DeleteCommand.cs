using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc delete: take one document away.</summary>
internal static class DeleteCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var address = new DocumentAddress();
        var reason = Arguments.Reason();
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("delete", "Deletes a document.");
        address.AddTo(command);
        command.Add(reason);
        command.Add(output);
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (tenant, kind, name) = address.Read(parsed);
            if (name is null)
            {
                return shell.Fail(ExitCode.BadUsage, "name the document to delete: osc delete [TENANT/]KIND NAME");
            }

            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var request = new ApiRequest(HttpMethod.Delete, DocumentAddress.PathOf(tenant, kind, name)) { Reason = parsed.GetValue(reason) };
            var answer = await client.SendAsync(request, cancellation);
            return answer.Body is { } body
                ? shell.Print(parsed.GetValue(output), body, () => shell.Line($"deleted {tenant}/{kind}/{name}, revision {answer.Read<ChangeAnswer>().Revision}"))
                : shell.Fail(answer);
        });
        return new(command, ["osc delete shop/policy shop-app --reason 'replaced by shop-web'"]);
    }
}
