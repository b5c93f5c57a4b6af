using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>A policy by its tenant and the order in which the tenant's policies decide.</summary>
internal readonly record struct PolicyKey(Name Tenant, Tier Tier, int Order, Name Name) : IComparable<PolicyKey>
{
    public int CompareTo(PolicyKey other)
    {
        var order = Tenant.CompareTo(other.Tenant);
        order = order != 0 ? order : ((int)Tier).CompareTo((int)other.Tier);
        order = order != 0 ? order : Order.CompareTo(other.Order);
        return order != 0 ? order : Name.CompareTo(other.Name);
    }
}

/// <summary>Each tenant's policies by tier, order and name.</summary>
internal sealed record PolicyIndex(SortedMap<PolicyKey, PolicyDocument> Policies)
{
    public static PolicyIndex Of(DocumentSet documents)
    {
        var builder = new SortedMapBuilder<PolicyKey, PolicyDocument>();
        foreach (var policy in documents.OfType<PolicyDocument>())
        {
            builder.Add(KeyOf(policy), policy);
        }

        return new(builder.ToMap());
    }

    public PolicyIndex With(DocumentChanges changes)
    {
        var map = Policies;
        foreach (var change in changes)
        {
            map = change.Before is PolicyDocument before ? map.Without(KeyOf(before)) : map;
            map = change.After is PolicyDocument after ? map.With(KeyOf(after), after) : map;
        }

        return new(map);
    }

    public IEnumerable<PolicyDocument> Of(Name tenant) =>
        Policies.From(new(tenant, default, int.MinValue, default)).TakeWhile(p => p.Key.Tenant == tenant).Select(p => p.Value);

    private static PolicyKey KeyOf(PolicyDocument policy) => new(policy.Metadata.Tenant, policy.Tier, policy.Order, policy.Metadata.Name);
}
