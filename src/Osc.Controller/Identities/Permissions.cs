using Osc.Controller.Configuration;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Controller.Identities;

/// <summary>All that somebody may do: what one of the grants allows, and nothing else.</summary>
public sealed record Permissions(ValueList<Grant> Grants)
{
    /// <summary>Of somebody who is nobody.</summary>
    public static readonly Permissions None = new(ValueList<Grant>.Empty);

    /// <summary>Whether there is anything at all with this access.</summary>
    public bool AllowSome(Access access) => Grants.Any(g => g.Role.Allows(access));

    /// <summary>Whether the access is not confined.</summary>
    public bool AllowEverything(Access access) => Grants.Any(g => g.AllowsEverything(access));

    /// <summary>Whether everything of a tenant is covered: what questions need whose answers follow from many documents.</summary>
    public bool AllowAllOf(Access access, Name tenant) => Grants.Any(g => g.AllowsAllOf(access, tenant));

    public bool Allow(Access access, DocumentKey key) => Grants.Any(g => g.Allows(access, key));

    /// <summary>Whether there may be documents in a tenant that are covered.</summary>
    public bool AllowSomeIn(Access access, Name tenant) => Grants.Any(g => g.Role.Allows(access) && g.Scope.HasTenant(tenant));

    /// <summary>Whether there may be documents of a kind in a tenant that are covered.</summary>
    public bool AllowSomeOf(Access access, Name tenant, Kind kind) =>
        Grants.Any(g => g.Role.Allows(access) && g.Scope.HasTenant(tenant) && g.Scope.HasKind(kind));

    /// <summary>Patterns of the tenants that are covered wholly; null for everything there is.</summary>
    public IReadOnlyList<string>? TenantsOf(Access access) => AllowEverything(access)
        ? null
        : [.. Grants.Where(g => g.Role.Allows(access) && g.Scope is { Kinds: null, Names: null, Tenants: not null }).SelectMany(g => g.Scope.Tenants!).Select(t => t.ToString()).Distinct()]; // filtered above

    /// <summary>The tenants beyond which nothing is covered, in order; null where they are not named one by one.</summary>
    public IReadOnlyList<Name>? NamedTenants(Access access)
    {
        var tenants = new SortedSet<Name>();
        foreach (var grant in Grants.Where(g => g.Role.Allows(access)))
        {
            foreach (var pattern in grant.Scope.Tenants ?? ValueList<NamePattern>.Empty)
            {
                if (!Name.TryParse(pattern.ToString(), out var tenant))
                {
                    return null;
                }

                tenants.Add(tenant);
            }

            if (grant.Scope.Tenants is null)
            {
                return null;
            }
        }

        return [.. tenants];
    }

    /// <summary>Whether who has these may hand out a grant.</summary>
    public bool MayGrant(Grant grant) => Grants.Any(g => g.Role.Allows(Access.Admin) && g.Covers(grant));
}
