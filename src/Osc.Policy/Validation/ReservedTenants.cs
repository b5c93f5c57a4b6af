using Osc.Model;

namespace Osc.Policy.Validation;

/// <summary>Words that stand in the API where a tenant does, and so cannot be one.</summary>
public static class ReservedTenants
{
    /// <summary>The words, in alphabetical order.</summary>
    public static readonly IReadOnlyList<string> Words = ["apply", "audit", "documents", "explain", "hosts", "plan", "reach", "revisions", "rollouts"];

    internal static readonly string Allowed = "any name but " + string.Join(", ", Words);

    public static bool Contains(Name tenant) => Words.Contains(tenant.ToString());
}
