using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc blame: who brought each field of a document.</summary>
internal static class BlameCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var address = new DocumentAddress();
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("blame", "Says for each field of a document who brought it, in which revision and why.");
        address.AddTo(command);
        command.Add(output);
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (tenant, kind, name) = address.Read(parsed);
            if (name is null)
            {
                return shell.Fail(ExitCode.BadUsage, "name the document: osc blame [TENANT/]KIND NAME");
            }

            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var answer = await client.SendAsync(ApiRequest.Get(DocumentAddress.PathOf(tenant, kind, name) + "/blame"), cancellation);
            return answer.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, answer.Read<Answer>())) : shell.Fail(answer);
        });
        return new(command, ["osc blame shop/policy shop-app"]);
    }

    private static void Print(Shell shell, Answer answer)
    {
        var table = new Table("revision", "time", "actor", "field", "value", "reason");
        foreach (var field in answer.Fields)
        {
            table.Row(field.Revision, Times.Show(field.Time), field.Actor, field.Path, field.Value, field.Reason);
        }

        table.Print(shell);
        if (answer.IsOlder)
        {
            shell.Error.WriteLine("the document was changed more often than was looked at: its oldest fields may be older");
        }
    }

    private sealed record Answer(IReadOnlyList<Field> Fields, bool IsOlder);

    private sealed record Field(string Path, string Value, long Revision, DateTimeOffset Time, string Actor, string Reason);
}
