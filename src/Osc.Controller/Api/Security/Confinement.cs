using System.Text.RegularExpressions;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Requests;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store;

namespace Osc.Controller.Api.Security;

/// <summary>
/// Keeps answers to what their reader may read. An answer that follows from many documents at once is for who may read all of
/// a tenant; what it says of other tenants is left out, and where a name has to stand it is <see cref="Withheld"/>.
/// </summary>
/// <param name="permissions">The reader's.</param>
public sealed partial class Confinement(Permissions permissions)
{
    public const string Withheld = "(another tenant's)";

    /// <summary>What stands before a slash without being a tenant.</summary>
    private static readonly string[] NoTenants = ["tcp", "udp", "sctp", "icmp", "icmpv6", "proto", "osc", "tenant"];

    public static Confinement Of(HttpContext context) => new(Caller.PermissionsOf(context));

    /// <summary>Whether nothing is left out.</summary>
    public bool IsNone { get; } = permissions.AllowEverything(Access.Read);

    /// <summary>Tenants of which all may be read; null: everything.</summary>
    public TenantScope? Scope => permissions.TenantsOf(Access.Read) is { } tenants ? new(tenants) : null;

    /// <summary>The tenants of which any document may be read, in order; null where they are not named one by one.</summary>
    public IReadOnlyList<Name>? NamedTenants => permissions.NamedTenants(Access.Read);

    public bool Shows(Name tenant) => IsNone || permissions.AllowAllOf(Access.Read, tenant);

    public bool Shows(DocumentKey key) => permissions.Allow(Access.Read, key);

    /// <summary>Whether the tenant of "tenant/..." is shown.</summary>
    public bool ShowsTenantOf(string qualified) => Name.TryParse(qualified.Split('/')[0], out var tenant) && Shows(tenant);

    /// <param name="host">What the documents say of it; null: there is no document.</param>
    public bool ShowsHost(HostDocument? host) => IsNone || (host is not null && Shows(host.Key));

    /// <param name="rule">"tenant/policy/rule", or "default".</param>
    public bool ShowsRule(string rule) => IsNone || rule.Split('/') is not [var t, var p, _] || (Name.TryParse(t, out var tenant) && Name.TryParse(p, out var policy) && Shows(new DocumentKey(tenant, Kind.Policy, policy)));

    public string Rule(string rule) => ShowsRule(rule) ? rule : Withheld;

    /// <summary>Text with the names of what is not shown withheld.</summary>
    public string Text(string text) => IsNone ? text : QualifiedNamePattern().Replace(text, m => IsHidden(m) ? Withheld : m.Value);

    /// <summary>
    /// Errors, as far as they speak of what is shown. One that names something of another tenant says the same whether that is there or not,
    /// shared or not, and one about another tenant's document does not say which.
    /// </summary>
    public IReadOnlyList<ProblemError> Errors(IEnumerable<ProblemError> errors) => IsNone ? [.. errors] : [.. errors.Select(Confine).Distinct()];

    private ProblemError Confine(ProblemError error)
    {
        if (error.Document.Length > 0 && !ShowsSomeOf(error.Document.Split('/')[0]))
        {
            return new("", "", "what another tenant's documents say would not hold any more", "");
        }

        return QualifiedNamePattern().Matches($"{error.Message} {error.Allowed}").Any(IsHidden)
            ? error with { Message = "this leads to something of another tenant that is not there, not shared, or in the way", Allowed = "" }
            : error;
    }

    private bool IsHidden(Match name) => !NoTenants.Contains(name.Groups[1].Value) && !ShowsSomeOf(name.Groups[1].Value);

    private bool ShowsSomeOf(string tenant) => Name.TryParse(tenant, out var name) && permissions.AllowSomeIn(Access.Read, name);

    [GeneratedRegex(@"(?<![\w.:/-])([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)/[A-Za-z0-9][\w/-]*")]
    private static partial Regex QualifiedNamePattern();
}
