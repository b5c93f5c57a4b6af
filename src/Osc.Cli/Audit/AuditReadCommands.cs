using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Server;
using Osc.Cli.Terminal;

namespace Osc.Cli.Audit;

/// <summary>osc audit counts, export, tail: the log as numbers, as a file, and as it grows.</summary>
internal static class AuditReadCommands
{
    public static IEnumerable<Command> Create(Shell shell)
    {
        var by = Arguments.Text("--by", "day|actor|action|tenant|kind", "By what; day unless said.");
        var output = Arguments.Output();
        yield return Make(shell, "counts", "Counts records.", [by, output], async (client, path, parsed, cancellation) =>
        {
            var answer = await client.SendAsync(ApiRequest.Get((path with { Path = "audit/counts" }).With("by", parsed.GetValue(by) ?? "day").ToString()), cancellation);
            return answer.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, answer.Read<Counts>())) : shell.Fail(answer);
        });

        var format = Arguments.Text("--format", "ndjson|csv", "A record a line: as JSON, which can be verified, or for a spreadsheet; ndjson unless said.");
        format.AcceptOnlyFromAmong("ndjson", "csv");
        yield return Make(shell, "export", "Writes all records that match to standard output, oldest first.", [format], (client, path, parsed, cancellation) =>
            CopyAsync(shell, client, path.With("order", "asc"), parsed.GetValue(format) == "csv" ? "text/csv" : "application/x-ndjson", cancellation));

        var after = Arguments.Text("--after", "N", "Begin with the record after this one; with what is new, unless said.");
        yield return Make(shell, "tail", "Prints records as they come, a line of JSON each, until Ctrl-C.", [after], (client, path, parsed, cancellation) =>
            TailAsync(shell, client, (path with { Path = "audit/tail" }).With("after", parsed.GetValue(after)), cancellation));
    }

    private static Command Make(Shell shell, string name, string description, IEnumerable<Option> options, Func<ApiClient, QueryPath, ParseResult, CancellationToken, Task<int>> run)
    {
        var filters = AuditFilters.Create();
        var server = new ServerOptions(shell);
        var command = new Command(name, description);
        foreach (var option in filters.Concat(options))
        {
            command.Add(option);
        }

        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
            server.Connect(parsed) is { } client ? await run(client, AuditFilters.Apply(filters, new("audit"), parsed), parsed, cancellation) : ExitCode.BadUsage);
        return command;
    }

    private static async Task<int> CopyAsync(Shell shell, ApiClient client, QueryPath path, string type, CancellationToken cancellation)
    {
        var (stream, failure) = await client.OpenAsync(path.ToString(), type, cancellation);
        if (stream is null)
        {
            return shell.Fail(failure!); // one of the two is there
        }

        try
        {
            await using var from = stream;
            var to = shell.OpenOutput();
            await from.CopyToAsync(to, cancellation);
            await to.FlushAsync(cancellation);
            return ExitCode.Done;
        }
        catch (IOException e)
        {
            return shell.Fail(ExitCode.ServerOutOfReach, $"the export is not whole: {e.Message}");
        }
    }

    private static async Task<int> TailAsync(Shell shell, ApiClient client, QueryPath path, CancellationToken cancellation)
    {
        var (stream, failure) = await client.OpenAsync(path.ToString(), "text/event-stream", cancellation);
        if (stream is null)
        {
            return shell.Fail(failure!); // one of the two is there
        }

        try
        {
            using var text = new StreamReader(stream);
            var inRecord = false;
            while (await text.ReadLineAsync(cancellation) is { } line)
            {
                // A record that has line ends has them between tokens: on one line it is the same.
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    shell.Out.Write(line["data: ".Length..]);
                    inRecord = true;
                }
                else if (line.Length == 0 && inRecord)
                {
                    shell.Line();
                    inRecord = false;
                }
            }

            return shell.Fail(ExitCode.ServerOutOfReach, "the server ended the stream");
        }
        catch (IOException e)
        {
            return shell.Fail(ExitCode.ServerOutOfReach, $"the stream ended: {e.Message}");
        }
    }

    private static void Print(Shell shell, Counts counts)
    {
        var table = new Table(counts.By, "records");
        foreach (var item in counts.Items)
        {
            table.Row(item.Value, item.Records);
        }

        table.Print(shell);
    }

    private sealed record Counts(string By, IReadOnlyList<CountItem> Items);

    private sealed record CountItem(string Value, long Records);
}
