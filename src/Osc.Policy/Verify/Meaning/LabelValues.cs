using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Verify.Meaning;

/// <summary>
/// A workload's labels as selectors see them: each key with its values. The platform's own are <c>osc/tenant</c>,
/// <c>osc/cloud</c> and <c>osc/network</c>, the one that can have several.
/// </summary>
internal static class LabelValues
{
    private const string TenantKey = "osc/tenant";
    private const string CloudKey = "osc/cloud";
    private const string NetworkKey = "osc/network";

    public static IEnumerable<(string Key, string Value)> All(WorkloadDocument workload) =>
        workload.Metadata.Labels.Where(l => l.Key is not (TenantKey or CloudKey or NetworkKey)).Select(l => (l.Key, l.Value))
            .Concat(new[] { TenantKey, CloudKey, NetworkKey }.SelectMany(key => Of(workload, key).Select(value => (key, value))));

    public static bool Match(WorkloadDocument workload, Selector selector)
    {
        foreach (var requirement in selector.Requirements.AsSpan())
        {
            var wanted = requirement.Values;
            var values = Of(workload, requirement.Key);
            var holds = requirement.Operator switch
            {
                SelectorOperator.Exists => values.Any(),
                SelectorOperator.NotExists => !values.Any(),
                SelectorOperator.NotEquals or SelectorOperator.NotIn => !values.Any(wanted.Contains),
                _ => values.Any(wanted.Contains),
            };
            if (!holds)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A requirement that names the values a workload must have one of; null where the selector has none such.</summary>
    public static Requirement? Naming(Selector selector) => selector.Requirements.FirstOrDefault(r => r.Operator is SelectorOperator.Equals or SelectorOperator.In);

    private static IEnumerable<string> Of(WorkloadDocument workload, string key) => key switch
    {
        TenantKey => [workload.Metadata.Tenant.Value],
        CloudKey => workload.Cloud is { } cloud ? [cloud.Value] : [],
        NetworkKey => workload.Interfaces.Select(i => i.Network.Name.Value).Distinct(),
        _ => workload.Metadata.Labels.TryGetValue(key, out var value) ? [value] : [],
    };
}
