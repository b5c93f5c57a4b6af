using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Groups;

namespace Osc.Policy.Incremental;

/// <summary>
/// Selectors and workloads, found by each other through labels: a selector is kept under one label that it demands, so that a
/// workload asks only the selectors of its own labels, and a new selector only the workloads of that label.
/// </summary>
internal sealed class LabelIndex
{
    private readonly Dictionary<(Name Tenant, Selector Selector), SelectorNode> selectors = [];
    private readonly Dictionary<Demand, HashSet<SelectorNode>> byDemand = [];
    private readonly Dictionary<Demand, HashSet<WorkloadNode>> byLabel = [];

    public SelectorNode? Find(Name tenant, Selector selector) => selectors.GetValueOrDefault((tenant, selector));

    /// <summary>The selector's node, for one clause more.</summary>
    public SelectorNode Acquire(Name tenant, Selector selector, ClauseUse use)
    {
        if (!selectors.TryGetValue((tenant, selector), out var node))
        {
            selectors.Add((tenant, selector), node = new(tenant, selector));
            foreach (var demand in DemandsOf(node))
            {
                Add(byDemand, demand, node);
                foreach (var workload in byLabel.GetValueOrDefault(demand, []).Where(w => node.Matches(w.Document!))) // those in the index have documents
                {
                    node.Matched.Add(workload);
                    workload.Selectors.Add(node);
                }
            }
        }

        node.Uses.Add(use);
        return node;
    }

    public SelectorNode Release(Name tenant, Selector selector, ClauseUse use)
    {
        var node = selectors[(tenant, selector)];
        node.Uses.Remove(use);
        if (node.Uses.Count == 0)
        {
            selectors.Remove((tenant, selector));
            foreach (var demand in DemandsOf(node))
            {
                Remove(byDemand, demand, node);
            }

            foreach (var workload in node.Matched)
            {
                workload.Selectors.Remove(node);
            }
        }

        return node;
    }

    /// <summary>Takes a workload's labels in, or the change from the ones it had.</summary>
    public void Update(WorkloadNode workload, WorkloadDocument? before, WorkloadDocument? after)
    {
        var old = before is null ? [] : LabelsOf(before).ToHashSet();
        var now = after is null ? [] : LabelsOf(after).ToHashSet();
        foreach (var gone in old.Except(now))
        {
            Remove(byLabel, gone, workload);
        }

        foreach (var added in now.Except(old))
        {
            Add(byLabel, added, workload);
        }

        var matching = after is null ? [] : now.SelectMany(l => byDemand.GetValueOrDefault(l, [])).Where(s => s.Matches(after)).ToHashSet();
        foreach (var left in workload.Selectors.Except(matching).ToArray())
        {
            left.Matched.Remove(workload);
            workload.Selectors.Remove(left);
        }

        foreach (var joined in matching.Except(workload.Selectors).ToArray())
        {
            joined.Matched.Add(workload);
            workload.Selectors.Add(joined);
        }
    }

    /// <summary>
    /// The labels under one of which everything that a selector matches is found: those of its first requirement that demands
    /// a label; without one, every workload of the tenant.
    /// </summary>
    private static IEnumerable<Demand> DemandsOf(SelectorNode node)
    {
        var tenant = node.Tenant == Tenants.System ? (Name?)null : node.Tenant;
        var demanding = node.Selector.Requirements
            .Where(r => r.Operator is SelectorOperator.Equals or SelectorOperator.In or SelectorOperator.Exists)
            .OrderBy(r => r.Operator == SelectorOperator.Exists ? int.MaxValue : r.Values.Count)
            .FirstOrDefault();
        return demanding switch
        {
            null => [new(tenant, null, null)],
            { Operator: SelectorOperator.Exists } => [new(tenant, demanding.Key, null)],
            _ => demanding.Values.Select(v => new Demand(tenant, demanding.Key, v)).Distinct(),
        };
    }

    /// <summary>Everything that a selector may demand and this workload has: for its own tenant and for the system.</summary>
    private static IEnumerable<Demand> LabelsOf(WorkloadDocument workload)
    {
        var labels = workload.Metadata.Labels.Select(l => (l.Key, l.Value))
            .Append((WorkloadLabels.Tenant, workload.Metadata.Tenant.Value))
            .Concat(workload.Interfaces.Select(i => (WorkloadLabels.Network, i.Network.Name.Value)));
        if (workload.Cloud is { } cloud)
        {
            labels = labels.Append((WorkloadLabels.Cloud, cloud.Value));
        }

        foreach (var tenant in new Name?[] { null, workload.Metadata.Tenant })
        {
            yield return new(tenant, null, null);
            foreach (var (key, value) in labels)
            {
                yield return new(tenant, key, null);
                yield return new(tenant, key, value);
            }
        }
    }

    private static void Add<T>(Dictionary<Demand, HashSet<T>> index, Demand key, T item)
    {
        if (!index.TryGetValue(key, out var items))
        {
            index.Add(key, items = []);
        }

        items.Add(item);
    }

    private static void Remove<T>(Dictionary<Demand, HashSet<T>> index, Demand key, T item)
    {
        var items = index[key];
        items.Remove(item);
        if (items.Count == 0)
        {
            index.Remove(key);
        }
    }

    /// <param name="Tenant">null: whichever, as the system's selectors ask.</param>
    /// <param name="Key">null: any workload.</param>
    /// <param name="Value">null: the label's presence.</param>
    private readonly record struct Demand(Name? Tenant, string? Key, string? Value);
}
