using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Osc.Cli.CommandLine;
using Osc.Cli.Offline;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc diff: what differs between two revisions, document by document and field by field.</summary>
internal static class DiffCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var from = new Argument<long>("FROM") { Description = "The older revision." };
        var to = new Argument<long>("TO") { Description = "The newer revision." };
        var selector = Arguments.Text("--selector", "SELECTOR", "Only documents whose labels match.");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("diff", "Says what differs between two revisions.") { from, to, selector, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var (old, fresh) = (parsed.GetValue(from), parsed.GetValue(to));
            var before = await ReadAsync(client, old, parsed.GetValue(selector), cancellation);
            var after = before.Body is null ? before : await ReadAsync(client, fresh, parsed.GetValue(selector), cancellation);
            if (after.Body is null)
            {
                return shell.Fail(after);
            }

            var changes = Compare(before.Read<Page>(), after.Read<Page>());
            return shell.Print(parsed.GetValue(output), AnswerJson.Of(new { From = old, To = fresh, Changes = changes }), () => Print(shell, changes));
        });
        return new(command, ["osc diff 41 42", "osc diff 1 42 --selector app=web --output json"]);
    }

    private static Task<ApiAnswer> ReadAsync(ApiClient client, long revision, string? selector, CancellationToken cancellation) =>
        Listing.ReadAllAsync(client, new QueryPath(string.Create(CultureInfo.InvariantCulture, $"revisions/{revision}/documents")).With("selector", selector), null, cancellation);

    private static List<Change> Compare(Page before, Page after)
    {
        var old = before.Items.ToDictionary(KeyOf);
        var fresh = after.Items.ToDictionary(KeyOf);
        var changes = new List<Change>();
        foreach (var key in old.Keys.Union(fresh.Keys).Order(StringComparer.Ordinal))
        {
            switch (old.TryGetValue(key, out var was), fresh.TryGetValue(key, out var now))
            {
                case (true, true):
                    var fields = DocumentDifference.Between(was, now);
                    if (fields.Count > 0)
                    {
                        changes.Add(new(key, "updated", fields));
                    }

                    break;
                case (true, false):
                    changes.Add(new(key, "deleted", []));
                    break;
                default:
                    changes.Add(new(key, "created", []));
                    break;
            }
        }

        return changes;
    }

    private static string KeyOf(JsonElement document)
    {
        var read = document.Deserialize<DocumentAnswer>(AnswerJson.Compact) ?? throw new JsonException("a document is null");
        return $"{read.Metadata.Tenant}/{read.Kind}/{read.Metadata.Name}";
    }

    private static void Print(Shell shell, List<Change> changes)
    {
        foreach (var change in changes)
        {
            shell.Markup($"{Cell.State(change.What).Markup("")} {change.Document}");
            foreach (var field in change.Fields)
            {
                shell.Line("  " + field);
            }
        }

        if (changes.Count == 0)
        {
            shell.Line("no document differs");
        }
    }

    private sealed record Change(string Document, [property: System.Text.Json.Serialization.JsonPropertyName("change")] string What, IReadOnlyList<string> Fields);
}
