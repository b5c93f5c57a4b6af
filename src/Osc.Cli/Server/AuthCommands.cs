using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc auth: who one is to the server, and what one may do.</summary>
internal static class AuthCommands
{
    public static DescribedCommand Create(Shell shell) => new(
        new Command("auth", "Says who you are to the server, and what you may do.") { WhoAmI(shell), CanI(shell) },
        ["osc auth whoami", "osc auth can-i write policy --tenant shop", "osc auth can-i write policy shop-app --tenant shop", "osc auth can-i audit"]);

    private static Command WhoAmI(Shell shell)
    {
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("whoami", "Says who you are, and what is granted to you.") { output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var answer = await client.SendAsync(ApiRequest.Get("auth/whoami"), cancellation);
            return answer.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, answer.Read<WhoAmIAnswer>())) : shell.Fail(answer);
        });
        return command;
    }

    private static Command CanI(Shell shell)
    {
        var access = new Argument<string>("ACCESS") { Description = "read, write, approve, audit or admin." };
        var kind = new Argument<string?>("KIND") { Description = "Documents of this kind; else everything.", Arity = ArgumentArity.ZeroOrOne };
        var name = new Argument<string?>("NAME") { Description = "The document of this name; else any.", Arity = ArgumentArity.ZeroOrOne };
        var tenant = Arguments.Text("--tenant", "TENANT", "In this tenant; with a kind it is default unless said.");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("can-i", "Says whether you may do something: yes (exit code 0) or no (1).") { access, kind, name, tenant, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var ofKind = parsed.GetValue(kind);
            var path = new QueryPath("auth/can-i").With("access", parsed.GetRequiredValue(access))
                .With("tenant", parsed.GetValue(tenant) ?? (ofKind is null ? null : Model.Tenants.Default.Value)).With("kind", ofKind).With("name", parsed.GetValue(name));
            var answer = await client.SendAsync(ApiRequest.Get(path.ToString()), cancellation);
            if (answer.Body is not { } body)
            {
                return shell.Fail(answer);
            }

            var said = answer.Read<CanIAnswer>();
            shell.Print(parsed.GetValue(output), body, () => shell.Line(said.Allowed ? "yes" : "no"));
            return said.Allowed ? ExitCode.Done : ExitCode.Refused;
        });
        return command;
    }

    private static void Print(Shell shell, WhoAmIAnswer answer)
    {
        shell.Line($"{answer.Name}, by {answer.By}{(answer.Expires is { } expires ? $", until {Times.Show(expires)}" : "")}");
        shell.Line();
        GrantTable.Of(answer.Grants).Print(shell);
    }

    private sealed record WhoAmIAnswer(string Name, string By, IReadOnlyList<GrantAnswer> Grants, DateTimeOffset? Expires = null);

    private sealed record CanIAnswer(bool Allowed, string Question, JsonElement By);
}

/// <summary>A grant: a role, and where it holds; null does not confine.</summary>
internal sealed record GrantAnswer(string Role, IReadOnlyList<string>? Tenants = null, IReadOnlyList<string>? Kinds = null, IReadOnlyList<string>? Names = null)
{
    [JsonIgnore]
    public string Scope => (Tenants, Kinds, Names) is (null, null, null) ? "everything" : string.Join("; ", new[] { Part("tenants", Tenants), Part("kinds", Kinds), Part("names", Names) }.OfType<string>());

    private static string? Part(string what, IReadOnlyList<string>? values) => values is null ? null : $"{what} {string.Join(", ", values)}";
}

/// <summary>Grants as a table.</summary>
internal static class GrantTable
{
    public static Table Of(IReadOnlyList<GrantAnswer> grants) => grants.Aggregate(new Table("role", "for"), (table, grant) => table.Row(grant.Role, grant.Scope));
}
