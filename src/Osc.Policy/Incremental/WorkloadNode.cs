using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Incremental;

/// <summary>A workload, its addresses and the selectors that match it.</summary>
internal sealed class WorkloadNode(QualifiedName name)
{
    public QualifiedName Name { get; } = name;

    /// <summary>null once it is deleted.</summary>
    public WorkloadDocument? Document { get; set; }

    /// <summary>Its interfaces, each with the bridge that it is plugged into.</summary>
    public List<Placement> Placements { get; } = [];

    public List<AddressNode> Addresses { get; } = [];

    public HashSet<SelectorNode> Selectors { get; } = [];

    public override string ToString() => Name.ToString();
}

/// <summary>A selector over the workloads of a tenant (of all, for the system tenant), with those that it matches.</summary>
internal sealed class SelectorNode(Name tenant, Selector selector)
{
    public Name Tenant { get; } = tenant;

    public Selector Selector { get; } = selector;

    /// <summary>The clauses that say it.</summary>
    public List<ClauseUse> Uses { get; } = [];

    public HashSet<WorkloadNode> Matched { get; } = [];

    public bool Matches(WorkloadDocument workload) =>
        (Tenant == Tenants.System || Tenant == workload.Metadata.Tenant) && Groups.WorkloadLabels.Matches(Selector, workload);
}
