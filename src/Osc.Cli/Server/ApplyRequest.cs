using Osc.Cli.CommandLine;
using Osc.Cli.Offline;
using Osc.Cli.Terminal;
using Osc.Model.Documents;
using Osc.Policy.Documents;

namespace Osc.Cli.Server;

/// <summary>Sends documents to a server: to apply them, or to hear what that would do.</summary>
internal sealed class ApplyRequest(Shell shell, ApiClient? client, string source)
{
    /// <summary>apply or plan.</summary>
    public required string Path { get; init; }

    public string? Reason { get; init; }

    /// <summary>Whether to follow the rollout until every affected host has the revision.</summary>
    public RolloutWatch? Watch { get; init; }

    public async Task<int> RunAsync(OutputFormat format, CancellationToken cancellation)
    {
        if (client is null)
        {
            return ExitCode.BadUsage;
        }

        // Errors that the documents have by themselves are told here, with file and line; the rest is the server's to judge.
        var read = source == "-" ? DocumentReader.ReadYaml(await ReadInput(cancellation), "standard input") : DocumentDirectory.Read(source);
        if (read.Errors.Count > 0)
        {
            return shell.Refuse(read.Errors);
        }

        if (read.Documents.Count == 0)
        {
            return shell.Refuse($"{source}: there are no documents in it");
        }

        var answer = await client.SendAsync(ApiRequest.PostYaml(Path, DocumentPrinter.ToYaml(read.Documents)) with { Reason = Reason }, cancellation);
        if (answer.Body is not { } body)
        {
            return shell.Fail(Placed(answer, read));
        }

        var change = answer.Read<ChangeAnswer>();
        shell.Print(format, body, () => Print(change));
        // Also where nothing is news: whoever asks again after a wait that ran out wants to know whether it is everywhere by now.
        return Watch is not null && !change.DryRun ? await Watch.FollowAsync(client, change.Revision, cancellation) : ExitCode.Done;
    }

    private async Task<string> ReadInput(CancellationToken cancellation)
    {
        using var reader = new StreamReader(shell.OpenInput());
        return await reader.ReadToEndAsync(cancellation);
    }

    /// <summary>The server counts lines in what was sent to it; the person knows files.</summary>
    private static ApiAnswer Placed(ApiAnswer answer, ReadResult read)
    {
        if (answer.Problem?.Errors is not { } errors)
        {
            return answer;
        }

        var sources = read.Documents.ToDictionary(d => d.Key.ToString(), d => d.Key);
        return answer with { Problem = answer.Problem with { Errors = [.. errors.Select(Place)] } };

        ProblemError Place(ProblemError error) =>
            sources.TryGetValue(error.Document ?? "", out DocumentKey key) && read.Sources.Locate(key, error.Path ?? "") is { } position
                ? error with { Document = $"{position}: {error.Document}" }
                : error;
    }

    private void Print(ChangeAnswer change)
    {
        foreach (var document in change.Changes.Where(c => c.Change != "unchanged"))
        {
            shell.Markup($"{Cell.State(document.Change).Markup("")} {document.Document}");
        }

        var unchanged = change.Changes.Count(c => c.Change == "unchanged");
        if (unchanged > 0)
        {
            shell.Line(unchanged == 1 ? "1 document unchanged" : $"{unchanged} documents unchanged");
        }

        if (change.Hosts.Count > 0)
        {
            shell.Line();
            var table = new Table("host", "added", "removed", "flows");
            foreach (var host in change.Hosts)
            {
                table.Row(host.Host, host.Added, host.Removed, host.Flows);
            }

            table.Print(shell);
        }

        if (change.Effects is { } effects)
        {
            EffectsPrinter.Print(shell, effects);
        }

        shell.Line(change.DryRun ? $"nothing was changed; this would be revision {change.Revision}" : $"revision {change.Revision}");
    }
}
