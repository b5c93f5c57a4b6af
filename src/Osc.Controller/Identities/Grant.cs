using Osc.Controller.Configuration;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Controller.Identities;

/// <summary>Where a role holds. What is not given does not confine.</summary>
public sealed record GrantScope
{
    public static readonly GrantScope Everything = new();

    /// <summary>null: in every tenant, and in what belongs to none.</summary>
    public ValueList<NamePattern>? Tenants { get; init; }

    /// <summary>null: documents of every kind (<see cref="Grant.Allows"/> says what that means for changes).</summary>
    public ValueList<Kind>? Kinds { get; init; }

    /// <summary>null: documents of every name.</summary>
    public ValueList<NamePattern>? Names { get; init; }

    public bool IsEverything => Tenants is null && Kinds is null && Names is null;

    public bool HasTenant(Name tenant) => Tenants is not { } tenants || tenants.Any(t => t.Matches(tenant));

    public bool HasKind(Kind kind) => Kinds is not { } kinds || kinds.Contains(kind);

    /// <summary>Whether everything in the other is in this.</summary>
    public bool Covers(GrantScope other) =>
        Covers(Tenants, other.Tenants) && Covers(Names, other.Names) && (Kinds is not { } kinds || (other.Kinds is { } others && others.All(k => kinds.Contains(k))));

    public override string ToString() => IsEverything ? "everything" : string.Join("; ", new[]
    {
        Tenants is { } tenants ? $"tenants {string.Join(", ", tenants)}" : null,
        Kinds is { } kinds ? $"kinds {string.Join(", ", kinds)}" : null,
        Names is { } names ? $"names {string.Join(", ", names)}" : null,
    }.OfType<string>());

    private static bool Covers(ValueList<NamePattern>? patterns, ValueList<NamePattern>? others) =>
        patterns is not { } mine || (others is { } theirs && theirs.All(o => mine.Any(m => m.Covers(o))));
}

/// <summary>A role, and where it holds.</summary>
public sealed record Grant(Role Role, GrantScope Scope)
{
    /// <summary>
    /// Whether it lets its holder do something to, or with, a document. A grant that is confined to tenants and names no kinds lets
    /// change what a tenant says about itself: groups, services, policies, assertions. Inventory, appliances and the tenant's own settings lead
    /// beyond the tenant (an interface is plugged into anybody's host, a network into anybody's vrf), so their kinds have to be named.
    /// </summary>
    public bool Allows(Access access, DocumentKey key) =>
        Role.Allows(access)
        && Scope.HasTenant(key.Tenant)
        && Scope.HasKind(key.Kind)
        && (Scope.Names is not { } names || names.Any(n => n.Matches(key.Name)))
        && (access is Access.Read or Access.Audit || Scope.Tenants is null || Scope.Kinds is not null || IsOfTheTenantAlone(key.Kind))
        && (key.Kind != Kind.Tenant || Scope.HasTenant(key.Name)); // it speaks of the tenant that it names, wherever it stands

    /// <summary>Whether it covers everything of a tenant.</summary>
    public bool AllowsAllOf(Access access, Name tenant) => Role.Allows(access) && Scope.HasTenant(tenant) && Scope.Kinds is null && Scope.Names is null;

    /// <summary>Whether it covers everything there is.</summary>
    public bool AllowsEverything(Access access) => Role.Allows(access) && Scope.IsEverything;

    /// <summary>Whether who holds this may do all that the other lets its holder do.</summary>
    public bool Covers(Grant other) =>
        Scope.Covers(other.Scope)
        && Enum.GetValues<Access>().All(a => !other.Role.Allows(a) || Role.Allows(a))
        && (Scope.Tenants is null || Scope.Kinds is not null || other.Scope.Kinds is not { } kinds || kinds.All(IsOfTheTenantAlone));

    public override string ToString() => $"{Role.ToString().ToLowerInvariant()} ({Scope})";

    private static bool IsOfTheTenantAlone(Kind kind) => kind is Kind.SecurityGroup or Kind.Service or Kind.Policy or Kind.Assertion;
}
