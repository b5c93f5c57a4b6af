using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>How much a tenant has of what quotas bound.</summary>
internal readonly record struct TenantCounts(int SecurityGroups, int Services, int Policies, int Rules, int Workloads, int Networks)
{
    public TenantCounts With(Document document, int times) => document switch
    {
        SecurityGroupDocument => this with { SecurityGroups = SecurityGroups + times },
        ServiceDocument => this with { Services = Services + times },
        PolicyDocument policy => this with { Policies = Policies + times, Rules = Rules + (times * policy.Rules.Count) },
        WorkloadDocument => this with { Workloads = Workloads + times },
        NetworkDocument => this with { Networks = Networks + times },
        _ => this,
    };
}

/// <summary>The counts of each tenant that has anything of it.</summary>
internal sealed record TenantCountIndex(SortedMap<Name, TenantCounts> Tenants)
{
    public static TenantCountIndex Of(DocumentSet documents)
    {
        var counts = new Dictionary<Name, TenantCounts>();
        foreach (var document in documents)
        {
            counts[document.Metadata.Tenant] = counts.GetValueOrDefault(document.Metadata.Tenant).With(document, 1);
        }

        var builder = new SortedMapBuilder<Name, TenantCounts>();
        foreach (var (tenant, count) in counts.Where(c => c.Value != default))
        {
            builder.Add(tenant, count);
        }

        return new(builder.ToMap());
    }

    public TenantCountIndex With(DocumentChanges changes)
    {
        var map = Tenants;
        foreach (var (key, before, after) in changes)
        {
            map.TryFind(key.Tenant, out var counts);
            counts = before is null ? counts : counts.With(before, -1);
            counts = after is null ? counts : counts.With(after, 1);
            map = counts == default ? map.Without(key.Tenant) : map.With(key.Tenant, counts);
        }

        return new(map);
    }

    public TenantCounts Of(Name tenant) => Tenants.TryFind(tenant, out var counts) ? counts : default;
}
