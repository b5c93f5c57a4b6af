using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>Checks names that are unique over all tenants, and tenants' quotas.</summary>
internal static class TenantCheck
{
    public static void Check(Findings findings)
    {
        foreach (var kind in (ReadOnlySpan<Kind>)[Kind.Tenant, Kind.Cloud, Kind.Host])
        {
            CheckUnique(findings, kind);
        }

        foreach (var tenant in findings.Documents.OfType<TenantDocument>().Where(t => t.Quotas != Quotas.None))
        {
            CheckQuotas(findings, tenant);
        }
    }

    private static void CheckUnique(Findings findings, Kind kind)
    {
        foreach (var group in findings.Documents.Where(d => d.Kind == kind).GroupBy(d => d.Metadata.Name))
        {
            var first = group.First();
            foreach (var document in group.Skip(1))
            {
                findings.Add(
                    document,
                    "metadata.name",
                    $"there is a {kind} '{group.Key}' in tenant {first.Metadata.Tenant} already{findings.Place(first, "metadata.name")}",
                    $"each {kind} name once over all tenants");
            }
        }
    }

    private static void CheckQuotas(Findings findings, TenantDocument tenant)
    {
        var own = findings.Documents.Where(d => d.Metadata.Tenant == tenant.Metadata.Name).ToArray();
        var rules = own.OfType<PolicyDocument>().Sum(p => p.Rules.Count);
        (string Field, int? Quota, int Count)[] table =
        [
            ("securityGroups", tenant.Quotas.SecurityGroups, own.OfType<SecurityGroupDocument>().Count()),
            ("services", tenant.Quotas.Services, own.OfType<ServiceDocument>().Count()),
            ("policies", tenant.Quotas.Policies, own.OfType<PolicyDocument>().Count()),
            ("rules", tenant.Quotas.Rules, rules),
            ("workloads", tenant.Quotas.Workloads, own.OfType<WorkloadDocument>().Count()),
            ("networks", tenant.Quotas.Networks, own.OfType<NetworkDocument>().Count()),
        ];
        foreach (var (field, quota, count) in table.Where(t => t.Count > t.Quota))
        {
            findings.Add(tenant, $"spec.quotas.{field}", $"tenant {tenant.Metadata.Name} has {count} {field}, more than its quota of {quota}", $"at most {quota}");
        }
    }
}
