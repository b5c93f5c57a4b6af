using System.CommandLine;
using System.Text.Json;
using Osc.Cli.CommandLine;
using Osc.Cli.Offline;
using Osc.Cli.Terminal;
using Osc.Policy.Documents;

namespace Osc.Cli.Server;

/// <summary>osc propose, proposals, approve and reject: four eyes.</summary>
internal static class ProposalCommands
{
    public static DescribedCommand Propose(Shell shell)
    {
        var file = Arguments.File();
        var delete = new Option<string[]>("--delete") { Description = "A document that shall go; again for more.", HelpName = "TENANT/KIND/NAME" };
        var reason = Arguments.Reason();
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("propose", "Proposes a change that others have to agree to.") { file, delete, reason, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var removed = parsed.GetValue(delete) ?? [];
            if (parsed.GetValue(file) is null && removed.Length == 0)
            {
                return shell.Fail(ExitCode.BadUsage, "what shall change? Say --file or --delete");
            }

            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var path = removed.Aggregate(new QueryPath("proposals"), (p, key) => p.With("delete", key)).ToString();
            var request = new ApiRequest(HttpMethod.Post, path);
            if (parsed.GetValue(file) is { } source)
            {
                var read = source == "-" ? DocumentReader.ReadYaml(await ReadAsync(shell, cancellation), "standard input") : DocumentDirectory.Read(source);
                if (read.Errors.Count > 0)
                {
                    return shell.Refuse(read.Errors);
                }

                request = ApiRequest.PostYaml(path, DocumentPrinter.ToYaml(read.Documents));
            }

            return await ShowAsync(shell, client, request with { Reason = parsed.GetValue(reason) }, parsed.GetValue(output), cancellation);
        });
        return new(command, ["osc propose -f shop.yaml --reason 'TICKET-17'", "osc propose --delete shop/policy/old --reason 'replaced'"]);
    }

    public static DescribedCommand List(Shell shell)
    {
        var id = new Argument<long?>("ID") { Description = "This proposal, with what it would do.", Arity = ArgumentArity.ZeroOrOne };
        var state = Arguments.Text("--state", "open|applied|rejected|all", "Those that are open unless said.");
        var limit = Arguments.Limit("proposals");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("proposals", "Lists proposals, newest first, or shows one.") { id, state, limit, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            if (parsed.GetValue(id) is { } number)
            {
                return await ShowAsync(shell, client, ApiRequest.Get(FormattableString.Invariant($"proposals/{number}")), parsed.GetValue(output), cancellation);
            }

            var list = await Listing.ReadAllAsync(client, new QueryPath("proposals").With("state", parsed.GetValue(state)), parsed.GetValue(limit), cancellation);
            return list.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, list.Read<Page>())) : shell.Fail(list);
        });
        return new(command, ["osc proposals", "osc proposals 3", "osc proposals --state all"]);
    }

    public static DescribedCommand Approve(Shell shell) => Decide(shell, "approve", "Agrees to a proposal; with the last approval that is asked for it is made.");

    public static DescribedCommand Reject(Shell shell) => Decide(shell, "reject", "Refuses a proposal, or takes one's own back.");

    private static DescribedCommand Decide(Shell shell, string verb, string description)
    {
        var id = new Argument<long>("ID") { Description = "As osc proposals prints it." };
        var reason = Arguments.Reason();
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command(verb, description) { id, reason, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) => server.Connect(parsed) is { } client
            ? await ShowAsync(
                shell, client, new ApiRequest(HttpMethod.Post, FormattableString.Invariant($"proposals/{parsed.GetValue(id)}/{verb}")) { Reason = parsed.GetValue(reason) }, parsed.GetValue(output), cancellation)
            : ExitCode.BadUsage);
        return new(command, [$"osc {verb} 3 --reason 'looked at with the network team'"]);
    }

    private static async Task<string> ReadAsync(Shell shell, CancellationToken cancellation)
    {
        using var reader = new StreamReader(shell.OpenInput());
        return await reader.ReadToEndAsync(cancellation);
    }

    private static async Task<int> ShowAsync(Shell shell, ApiClient client, ApiRequest request, OutputFormat format, CancellationToken cancellation)
    {
        var answer = await client.SendAsync(request, cancellation);
        return answer.Body is { } body ? shell.Print(format, body, () => Print(shell, answer.Read<ProposalAnswer>())) : shell.Fail(answer);
    }

    private static void Print(Shell shell, ProposalAnswer proposal)
    {
        shell.Line($"proposal {proposal.Id} by {proposal.Proposer}, {Times.Show(proposal.Made)}: {proposal.Reason}");
        shell.Line(proposal.State switch
        {
            "applied" => $"applied as revision {proposal.Revision}; agreed: {string.Join(", ", proposal.Approvals)}",
            "rejected" => $"rejected by {proposal.ClosedBy}",
            _ => proposal.Approvals.Count == 0 ? "open; nobody has agreed yet" : $"open; agreed: {string.Join(", ", proposal.Approvals)}",
        });
        foreach (var change in proposal.Plan.Changes.Where(c => c.Change != "unchanged"))
        {
            shell.Markup($"{Cell.State(change.Change).Markup("")} {change.Document}");
        }

        if (proposal.Plan.Effects is { } effects)
        {
            EffectsPrinter.Print(shell, effects);
        }
    }

    private static void Print(Shell shell, Page page)
    {
        var table = new Table("id", "state", "proposed", "by", "documents", "agreed", "reason");
        foreach (var proposal in page.Read<ProposalAnswer>())
        {
            table.Row(
                proposal.Id, Cell.State(proposal.State), Times.Show(proposal.Made), proposal.Proposer, string.Join(", ", proposal.Plan.Changes.Select(c => c.Document)), string.Join(", ", proposal.Approvals), proposal.Reason);
        }

        table.Print(shell);
        if (page.Next is not null)
        {
            shell.Error.WriteLine("there are more: raise --limit");
        }
    }

    private sealed record ProposalAnswer(
        long Id,
        string State,
        string Proposer,
        DateTimeOffset Made,
        string Reason,
        IReadOnlyList<string> Approvals,
        ChangeAnswer Plan,
        JsonElement? Put = null,
        IReadOnlyList<string>? Removed = null,
        string? ClosedBy = null,
        long? Revision = null);
}
