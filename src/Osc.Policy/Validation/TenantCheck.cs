using Osc.Model.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy.Validation;

/// <summary>Checks names that are unique over all tenants, and tenants' quotas.</summary>
internal static class TenantCheck
{
    public static void Check(Findings findings)
    {
        foreach (var group in findings.Documents.Where(d => GlobalNames.Have(d.Kind)).GroupBy(d => (d.Kind, d.Metadata.Name)))
        {
            CheckUnique(findings, group);
        }

        var own = findings.Documents.ToLookup(d => d.Metadata.Tenant);
        foreach (var tenant in findings.Documents.OfType<TenantDocument>())
        {
            CheckQuotas(findings, tenant, CountsOf(own[tenant.Metadata.Name]));
        }
    }

    /// <param name="documents">Those of one kind and name, in document order.</param>
    public static void CheckUnique(Findings findings, IEnumerable<Document> documents)
    {
        Document? first = null;
        foreach (var document in documents)
        {
            first ??= document;
            if (document != first)
            {
                findings.Add(
                    document,
                    "metadata.name",
                    $"there is a {first.Kind} '{first.Metadata.Name}' in tenant {first.Metadata.Tenant} already{findings.Place(first, "metadata.name")}",
                    $"each {first.Kind} name once over all tenants");
            }
        }
    }

    /// <param name="counts">What the tenant has.</param>
    public static void CheckQuotas(Findings findings, TenantDocument tenant, TenantCounts counts)
    {
        (string Field, int? Quota, int Count)[] table =
        [
            ("securityGroups", tenant.Quotas.SecurityGroups, counts.SecurityGroups),
            ("services", tenant.Quotas.Services, counts.Services),
            ("policies", tenant.Quotas.Policies, counts.Policies),
            ("rules", tenant.Quotas.Rules, counts.Rules),
            ("workloads", tenant.Quotas.Workloads, counts.Workloads),
            ("networks", tenant.Quotas.Networks, counts.Networks),
        ];
        foreach (var (field, quota, count) in table.Where(t => t.Count > t.Quota))
        {
            findings.Add(tenant, $"spec.quotas.{field}", $"tenant {tenant.Metadata.Name} has {count} {field}, more than its quota of {quota}", $"at most {quota}");
        }
    }

    private static TenantCounts CountsOf(IEnumerable<Document> own) => new(
        own.OfType<SecurityGroupDocument>().Count(),
        own.OfType<ServiceDocument>().Count(),
        own.OfType<PolicyDocument>().Count(),
        own.OfType<PolicyDocument>().Sum(p => p.Rules.Count),
        own.OfType<WorkloadDocument>().Count(),
        own.OfType<NetworkDocument>().Count());
}
