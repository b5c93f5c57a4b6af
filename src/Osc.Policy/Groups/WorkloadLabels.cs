using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Groups;

/// <summary>
/// Selectors over workloads: a workload's own labels and the three that the platform gives it. <c>osc/tenant</c> names its
/// tenant, <c>osc/cloud</c> its cloud (absent if it has none) and <c>osc/network</c> its networks: the one label that can
/// have several values, of which = and in ask for any and != and notin for none.
/// </summary>
public static class WorkloadLabels
{
    public const string ReservedPrefix = "osc/";
    public const string Tenant = "osc/tenant";
    public const string Cloud = "osc/cloud";
    public const string Network = "osc/network";

    public static bool Matches(Selector selector, WorkloadDocument workload)
    {
        foreach (var requirement in selector.Requirements.AsSpan())
        {
            var matches = requirement.Key switch
            {
                Tenant => requirement.Matches(workload.Metadata.Tenant.Value),
                Cloud => requirement.Matches(workload.Cloud?.Value),
                Network => MatchesNetworks(requirement, workload),
                _ => requirement.Matches(workload.Metadata.Labels),
            };
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }

    private static bool MatchesNetworks(Requirement requirement, WorkloadDocument workload)
    {
        var named = workload.Interfaces.Any(i => requirement.Values.Contains(i.Network.Name.Value));
        return requirement.Operator switch
        {
            SelectorOperator.Equals or SelectorOperator.In => named,
            SelectorOperator.NotEquals or SelectorOperator.NotIn => !named,
            SelectorOperator.Exists => workload.Interfaces.Count > 0,
            _ => workload.Interfaces.Count == 0,
        };
    }
}
