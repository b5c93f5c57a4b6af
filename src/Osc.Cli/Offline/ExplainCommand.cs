using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Server;
using Osc.Cli.Terminal;
using Osc.Policy.Explain;

namespace Osc.Cli.Offline;

/// <summary>osc explain: may this connection pass, and which rules say so? From files, or from a server.</summary>
internal static class ExplainCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var path = new Argument<string?>("DIR") { Description = "Documents to ask; without it a server is asked.", Arity = ArgumentArity.ZeroOrOne };
        var from = Arguments.Text("--from", "A", "tenant/workload, tenant/workload/interface, or an address.");
        var to = Arguments.Text("--to", "B", "Likewise.");
        var service = Arguments.Text("--service", "S", "tcp/5432, udp/53, sctp/99, icmp/8, icmpv6/128, proto/47.");
        var vrf = Arguments.Text("--vrf", "TENANT/VRF", "The address space, where both ends are addresses.");
        var connections = Arguments.Text("--connections", "FILE|-", "Connections as NDJSON: a line out for each line in. With DIR.");
        var all = new Option<bool>("--all") { Description = "Also list the rules of policies that are not applied to the workloads." };
        var at = Arguments.Text("--at", "TIME|REVISION", "As of then; a server's to answer.");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("explain", "Says what becomes of a connection, and which rules say so.") { path, from, to, service, vrf, connections, all, at, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var question = new ExplainQuestion { From = parsed.GetValue(from), To = parsed.GetValue(to), Service = parsed.GetValue(service), Vrf = parsed.GetValue(vrf) };
            var isAsked = question.From is not null || question.To is not null || question.Service is not null;
            var lines = parsed.GetValue(connections);
            if (isAsked == (lines is not null))
            {
                return shell.Fail(ExitCode.BadUsage, "say either --from, --to and --service, or --connections");
            }

            if (parsed.GetValue(at) is not null && parsed.GetValue(path) is not null)
            {
                return shell.Fail(ExitCode.BadUsage, "files have no history: --at goes to a server");
            }

            if (lines is not null)
            {
                return parsed.GetValue(path) is { } documents
                    ? await AnswerLines(shell, documents, lines, cancellation)
                    : shell.Fail(ExitCode.BadUsage, "--connections is answered from documents: name their DIR");
            }

            return parsed.GetValue(path) is { } directory
                ? Ask(shell, directory, question, parsed.GetValue(all), parsed.GetValue(output))
                : await AskServer(
                    shell, server.Connect(parsed), ApiRequest.Post(Query(parsed.GetValue(at), parsed.GetValue(all)), AnswerJson.Of(question)), parsed.GetValue(output), cancellation);
        });
        return new(command,
        [
            "osc explain policies/three-tier-shop --from shop/web-1 --to shop/db-1 --service tcp/5432",
            "osc explain policies/three-tier-shop --from 192.0.2.7 --to shop/web-1/eth0 --service tcp/443",
            "osc explain policies/three-tier-shop --connections flows.ndjson > answers.ndjson",
            "osc explain --server https://osc.example.com --from shop/web-1 --to shop/db-1 --service tcp/5432",
            "osc explain --server https://osc.example.com --at 2026-11-01T12:00:00Z --from shop/web-1 --to shop/db-1 --service tcp/5432",
        ]);
    }

    private static int Ask(Shell shell, string path, ExplainQuestion question, bool all, OutputFormat format)
    {
        var loaded = LoadedState.Of(path);
        if (loaded.State is not { } state)
        {
            return shell.Refuse(loaded.Errors);
        }

        var (found, errors) = ConnectionFinder.Find(state, question);
        return found is { } connection
            ? ExplainPrinter.Print(shell, format, AnswerJson.Of(ExplainAnswer.Of(state, new Explainer(state).Explain(connection, all))))
            : shell.Refuse(errors.Select(e => "--" + e));
    }

    /// <summary>The path of the endpoint, with its query.</summary>
    private static string Query(string? at, bool all) =>
        "explain" + (at is null ? all ? "?all=true" : "" : $"?at={Uri.EscapeDataString(at)}{(all ? "&all=true" : "")}");

    private static async Task<int> AskServer(Shell shell, ApiClient? client, ApiRequest request, OutputFormat format, CancellationToken cancellation)
    {
        if (client is null)
        {
            return ExitCode.BadUsage;
        }

        var answer = await client.SendAsync(request, cancellation);
        return answer.Body is { } body ? ExplainPrinter.Print(shell, format, body) : shell.Fail(answer);
    }

    private static async Task<int> AnswerLines(Shell shell, string path, string file, CancellationToken cancellation)
    {
        var loaded = LoadedState.Of(path);
        if (loaded.State is not { } state)
        {
            return shell.Refuse(loaded.Errors);
        }

        Stream input;
        try
        {
            input = file == "-" ? shell.OpenInput() : File.OpenRead(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return shell.Refuse(e.Message);
        }

        await using (input)
        {
            await using var output = shell.OpenOutput();
            var failed = await new ConnectionLines(state).AnswerAsync(input, output, cancellation);
            return failed == 0 ? ExitCode.Done : shell.Refuse(failed == 1 ? "1 connection could not be answered" : $"{failed} connections could not be answered");
        }
    }
}
