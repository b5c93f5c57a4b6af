using System.CommandLine;
using Osc.Cli.Audit;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc audit: who did what, when, from where and why.</summary>
internal static class AuditCommand
{
    private const int UsualLimit = 100;

    public static DescribedCommand Create(Shell shell)
    {
        Option<string?>[] filters = [.. AuditFilters.Create(), Arguments.Text("--order", "asc|desc", "Oldest or newest first; newest unless said.")];
        var limit = Arguments.Limit($"records; {UsualLimit} unless said");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("audit", "Queries the audit log, and verifies it.") { limit, output };
        foreach (var filter in filters)
        {
            command.Add(filter);
        }

        command.Add(AuditVerifyCommand.Create(shell));
        command.Add(AuditProveCommand.Create(shell));
        foreach (var part in AuditReadCommands.Create(shell).Concat(AuditKeyCommands.Create(shell)))
        {
            command.Add(part);
        }

        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var path = AuditFilters.Apply(filters, new("audit"), parsed);
            var list = await Listing.ReadAllAsync(client, path, parsed.GetValue(limit) ?? UsualLimit, cancellation);
            return list.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, list.Read<Page>())) : shell.Fail(list);
        });
        return new(command,
        [
            "osc audit --actor alice --from 2026-01-31T00:00:00Z",
            "osc audit --tenant shop --kind policy --name shop-app --order asc",
            "osc audit --text TICKET-17 --output json",
            "osc audit counts --by actor --from 2026-01-01T00:00:00Z",
            "osc audit export --format csv --tenant shop > shop.csv",
            "osc audit tail --action request.refused",
            "osc audit verify --checkpoint osc.checkpoint",
            "osc audit verify audit-1-50000.ndjson.gz audit.ndjson --checkpoint osc.checkpoint --keys osc.keys",
            "osc audit prove 4711 --checkpoint osc.checkpoint",
        ]);
    }

    private static void Print(Shell shell, Page page)
    {
        var table = new Table("seq", "time", "actor", "action", "document", "rev", "outcome", "reason");
        foreach (var item in page.Read<AuditItem>())
        {
            var document = string.Join('/', new[] { item.Tenant, item.Kind, item.Name }.Where(p => !string.IsNullOrEmpty(p)));
            table.Row(item.Sequence, Times.Show(item.Time), item.Actor, item.Action, document, item.Revision, Cell.State(item.Outcome), item.Reason);
        }

        table.Print(shell);
        if (page.Next is not null)
        {
            shell.Error.WriteLine("there are more: raise --limit");
        }
    }
}
