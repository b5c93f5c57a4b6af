using System.CommandLine;
using Osc.Model;

namespace Osc.Cli.Server;

/// <summary>"[TENANT/]KIND [NAME]" as commands take it.</summary>
internal sealed class DocumentAddress
{
    private readonly Argument<string> kind = new("[TENANT/]KIND") { Description = "What to look at: policy, securitygroup, workload, ...; of one tenant where that is named." };
    private readonly Argument<string?> name = new("NAME") { Description = "One document. Without a tenant it is one of the tenant 'default'.", Arity = ArgumentArity.ZeroOrOne };

    public void AddTo(Command command)
    {
        command.Add(kind);
        command.Add(name);
    }

    /// <returns>The tenant if one is named, the kind, and the name if there is one.</returns>
    public (string? Tenant, string Kind, string? Name) Read(ParseResult parsed)
    {
        var text = parsed.GetRequiredValue(kind);
        var slash = text.IndexOf('/');
        var parts = (Tenant: slash < 0 ? null : text[..slash], Kind: text[(slash + 1)..], Name: parsed.GetValue(name));
        return parts with { Tenant = parts.Tenant ?? (parts.Name is null ? null : Tenants.Default.Value) };
    }

    public static string PathOf(string? tenant, string kind, string? name) =>
        string.Join('/', new[] { tenant, kind, name }.OfType<string>().Select(Uri.EscapeDataString));
}
