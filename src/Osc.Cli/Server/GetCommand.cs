using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc get: documents as the server has them.</summary>
internal static class GetCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var address = new DocumentAddress();
        var selector = Arguments.Text("--selector", "SELECTOR", "Only documents with these labels: \"app = web, env in (prod, stage)\".");
        var limit = Arguments.Limit("documents");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("get", "Lists documents of a kind, or prints one.");
        address.AddTo(command);
        command.Add(selector);
        command.Add(limit);
        command.Add(output);
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var (tenant, kind, name) = address.Read(parsed);
            if (name is not null)
            {
                var answer = await client.SendAsync(ApiRequest.Get(DocumentAddress.PathOf(tenant, kind, name)), cancellation);
                return answer.Body is { } document ? shell.Print(parsed.GetValue(output), document, () => shell.Out.Write(YamlText.Of(document))) : shell.Fail(answer);
            }

            var path = tenant is null ? new QueryPath("documents").With("kind", kind) : new QueryPath(DocumentAddress.PathOf(tenant, kind, null));
            var list = await Listing.ReadAllAsync(client, path.With("selector", parsed.GetValue(selector)), parsed.GetValue(limit), cancellation);
            if (list.Body is not { } body)
            {
                return shell.Fail(list);
            }

            if (parsed.GetValue(output) == OutputFormat.Yaml)
            {
                // A stream, as osc apply takes it.
                shell.Out.Write(string.Join("---\n", list.Read<Page>().Items.Select(YamlText.Of)));
                return ExitCode.Done;
            }

            return shell.Print(parsed.GetValue(output), body, () => Print(shell, list.Read<Page>()));
        });
        return new(command,
        [
            "osc get policy",
            "osc get shop/workload --selector 'app = web'",
            "osc get shop/policy shop-app --output yaml",
            "osc get shop/policy --output yaml > policies.yaml    # as osc apply -f takes it",
        ]);
    }

    private static void Print(Shell shell, Page page)
    {
        var table = new Table("tenant", "kind", "name", "labels");
        foreach (var (kind, metadata) in page.Read<DocumentAnswer>())
        {
            table.Row(metadata.Tenant, kind, metadata.Name, string.Join(",", (metadata.Labels ?? new Dictionary<string, string>()).Select(l => $"{l.Key}={l.Value}")));
        }

        table.Print(shell);
    }
}
