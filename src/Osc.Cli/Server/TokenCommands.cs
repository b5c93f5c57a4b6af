using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc token: make, list and revoke tokens.</summary>
internal static class TokenCommands
{
    public static DescribedCommand Create(Shell shell) => new(
        new Command("token", "Makes, lists and revokes tokens.") { Make(shell), List(shell), Revoke(shell) },
        [
            "osc token create shop-team --role editor --tenant shop --kind policy --kind service",
            "osc token create ci --role viewer --days 30 --reason 'nightly report'",
            "osc token list",
            "osc token revoke 3f9a1c22d0b7 --with-made",
        ]);

    private static Command Make(Shell shell)
    {
        var name = new Argument<string>("NAME") { Description = "The actor in the audit log." };
        var role = new Option<string>("--role") { Description = "viewer, editor, approver, auditor, admin or agent.", HelpName = "ROLE", Required = true };
        var tenants = Several("--tenant", "TENANT", "In this tenant, or those of a pattern (shop-*); again for more; else in all.");
        var kinds = Several("--kind", "KIND", "For documents of this kind; again for more; else for all that a tenant says about itself.");
        var names = Several("--name", "NAME", "For documents of this name or pattern; again for more; else for all.");
        var days = new Option<int?>("--days") { Description = "Counts for so many days; 90 unless said.", HelpName = "N" };
        var reason = Arguments.Reason();
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("create", "Makes a token. Its secret is printed this once, alone on standard output.") { name, role, tenants, kinds, names, days, reason, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            if (parsed.GetValue(days) is not (null or (> 0 and <= 366)))
            {
                return shell.Fail(ExitCode.BadUsage, "--days: 1 to 366");
            }

            var expires = parsed.GetValue(days) is { } count ? DateTimeOffset.UtcNow.AddDays(count) : (DateTimeOffset?)null;
            var grant = new GrantAnswer(parsed.GetRequiredValue(role), Given(parsed.GetValue(tenants)), Given(parsed.GetValue(kinds)), Given(parsed.GetValue(names)));
            var question = AnswerJson.Of(new TokenQuestion(parsed.GetRequiredValue(name), [grant], expires));
            var answer = await client.SendAsync(ApiRequest.Post("auth/tokens", question) with { Reason = parsed.GetValue(reason) }, cancellation);
            return answer.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, answer.Read<NewToken>())) : shell.Fail(answer);
        });
        return command;
    }

    private static Command List(Shell shell)
    {
        var all = new Option<bool>("--all") { Description = "Also those that are expired or revoked." };
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("list", "Lists tokens that were made, without their secrets.") { all, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var answer = await client.SendAsync(ApiRequest.Get("auth/tokens"), cancellation);
            return answer.Body is { } body
                ? shell.Print(parsed.GetValue(output), body, () => Print(shell, [.. answer.Read<Page>().Read<TokenAnswer>().Where(t => parsed.GetValue(all) || t.State == "live")]))
                : shell.Fail(answer);
        });
        return command;
    }

    private static Command Revoke(Shell shell)
    {
        var id = new Argument<string>("ID") { Description = "As osc token list prints it." };
        var withMade = new Option<bool>("--with-made") { Description = "Also every token that was made with it, or with one of those." };
        var reason = Arguments.Reason();
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("revoke", "Revokes a token at once.") { id, withMade, reason, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var path = new QueryPath($"auth/tokens/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}").With("withMade", parsed.GetValue(withMade) ? "true" : null);
            var answer = await client.SendAsync(new ApiRequest(HttpMethod.Delete, path.ToString()) { Reason = parsed.GetValue(reason) }, cancellation);
            return answer.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, [.. answer.Read<Page>().Read<TokenAnswer>()])) : shell.Fail(answer);
        });
        return command;
    }

    private static Option<string[]> Several(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };

    private static string[]? Given(string[]? values) => values is { Length: > 0 } ? values : null;

    private static void Print(Shell shell, NewToken made)
    {
        shell.Line(made.Secret);
        shell.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"token {made.Token.Id} of {made.Token.Name}, until {Times.Show(made.Token.Expires)}; this is the only time that its secret is shown"));
    }

    private static void Print(Shell shell, IReadOnlyList<TokenAnswer> tokens)
    {
        var table = new Table("id", "name", "state", "grants", "expires", "last used", "from", "made by");
        foreach (var token in tokens)
        {
            table.Row(
                token.Id, token.Name, Cell.State(token.State), string.Join(" | ", token.Grants.Select(g => $"{g.Role}: {g.Scope}")), Times.Show(token.Expires),
                token.LastUsed is { } last ? Times.Show(last) : "never", token.LastAddress, token.MadeBy.FirstOrDefault());
        }

        table.Print(shell);
    }

    private sealed record TokenQuestion(string Name, IReadOnlyList<GrantAnswer> Grants, DateTimeOffset? Expires);

    private sealed record NewToken(string Secret, TokenAnswer Token);

    private sealed record TokenAnswer(
        string Id,
        string Name,
        string State,
        IReadOnlyList<GrantAnswer> Grants,
        DateTimeOffset Expires,
        IReadOnlyList<string> MadeBy,
        DateTimeOffset? LastUsed = null,
        string? LastAddress = null,
        DateTimeOffset? Revoked = null,
        string? RevokedBy = null,
        JsonElement? Made = null);
}
