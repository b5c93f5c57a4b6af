using System.Runtime.InteropServices;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Groups;

namespace Osc.Policy.Incremental;

/// <summary>
/// Selectors and workloads, found by each other through labels: a selector is kept under one label that it demands, so that a
/// workload asks only the selectors of its own labels, and a new selector only the workloads of that label. Labels that no
/// selector demands are not indexed.
/// </summary>
internal sealed class LabelIndex
{
    private readonly Dictionary<(Name Tenant, Selector Selector), SelectorNode> selectors = [];
    private readonly Dictionary<(Name? Scope, string Key), LabelKey> keys = [];
    private readonly Dictionary<Name, HashSet<SelectorNode>> undemanding = [];
    private readonly Dictionary<Name, HashSet<WorkloadNode>> workloads = [];
    private readonly Dictionary<(Name Tenant, string Key), HashSet<WorkloadNode>> having = [];

    public SelectorNode? Find(Name tenant, Selector selector) => selectors.GetValueOrDefault((tenant, selector));

    /// <summary>The selector's node, for one clause more.</summary>
    public SelectorNode Acquire(Name tenant, Selector selector, ClauseUse use)
    {
        if (!selectors.TryGetValue((tenant, selector), out var node))
        {
            selectors.Add((tenant, selector), node = new(tenant, selector));
            foreach (var workload in Enter(node).Where(w => node.Matches(w.Document!))) // those in the index have documents
            {
                node.Matched.Add(workload);
                workload.Selectors.Add(node);
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
            Leave(node);
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
        var tenant = workload.Name.Tenant;
        if (before is null)
        {
            Add(workloads, tenant, workload);
        }
        else if (after is null)
        {
            Remove(workloads, tenant, workload);
        }

        foreach (var (key, _) in before?.Metadata.Labels ?? Labels.Empty)
        {
            Remove(having, (tenant, key), workload);
        }

        foreach (var (key, _) in after?.Metadata.Labels ?? Labels.Empty)
        {
            Add(having, (tenant, key), workload);
        }

        foreach (var (key, value) in before is null ? [] : LabelsOf(before))
        {
            Find(null, key)?.Remove(value, workload);
            Find(tenant, key)?.Remove(value, workload);
        }

        var asking = new HashSet<SelectorNode>(0);
        foreach (var (key, value) in after is null ? [] : LabelsOf(after))
        {
            Find(null, key)?.Add(value, workload, asking);
            Find(tenant, key)?.Add(value, workload, asking);
        }

        if (after is not null && undemanding.Count > 0)
        {
            asking.UnionWith(undemanding.GetValueOrDefault(tenant, []));
            asking.UnionWith(undemanding.GetValueOrDefault(Tenants.System, []));
        }

        asking.RemoveWhere(s => !s.Matches(after!)); // without a document nothing is asked
        foreach (var left in workload.Selectors.Where(s => !asking.Contains(s)).ToArray())
        {
            left.Matched.Remove(workload);
            workload.Selectors.Remove(left);
        }

        foreach (var joined in asking.Where(workload.Selectors.Add))
        {
            joined.Matched.Add(workload);
        }
    }

    /// <summary>Keeps a selector where its workloads will look for it.</summary>
    /// <returns>The workloads that it may match.</returns>
    private IEnumerable<WorkloadNode> Enter(SelectorNode node)
    {
        if (DemandOf(node.Selector) is not { } demand)
        {
            Add(undemanding, node.Tenant, node);
            return InScopeOf(node.Tenant);
        }

        var key = KeyFor(node.Tenant, demand.Key);
        return demand.Operator == SelectorOperator.Exists ? key.EnterForPresence(node) : key.Enter(node, demand.Values);
    }

    private void Leave(SelectorNode node)
    {
        if (DemandOf(node.Selector) is not { } demand)
        {
            undemanding[node.Tenant].Remove(node);
            return;
        }

        var place = (ScopeOf(node.Tenant), demand.Key);
        keys[place].Leave(node);
        if (keys[place].IsUnasked)
        {
            keys.Remove(place);
        }
    }

    /// <summary>The index of a label, made when the first selector demands it.</summary>
    private LabelKey KeyFor(Name tenant, string key)
    {
        if (!keys.TryGetValue((ScopeOf(tenant), key), out var index))
        {
            keys.Add((ScopeOf(tenant), key), index = new());
            var candidates = key.StartsWith(WorkloadLabels.ReservedPrefix, StringComparison.Ordinal) ? InScopeOf(tenant)
                : tenant == Tenants.System ? workloads.Keys.SelectMany(t => having.GetValueOrDefault((t, key), []))
                : having.GetValueOrDefault((tenant, key), []);
            foreach (var workload in candidates)
            {
                foreach (var (_, value) in LabelsOf(workload.Document!).Where(l => l.Key == key)) // those in the index have documents
                {
                    index.Add(value, workload);
                }
            }
        }

        return index;
    }

    private IEnumerable<WorkloadNode> InScopeOf(Name tenant) =>
        tenant == Tenants.System ? workloads.Values.SelectMany(w => w) : workloads.GetValueOrDefault(tenant, []);

    private LabelKey? Find(Name? scope, string key) => keys.GetValueOrDefault((scope, key));

    /// <summary>null: the workloads of all tenants, which the system's selectors ask.</summary>
    private static Name? ScopeOf(Name tenant) => tenant == Tenants.System ? null : tenant;

    /// <summary>Of a selector's requirements one that demands a label, and as narrowly as any; null if none does.</summary>
    private static Requirement? DemandOf(Selector selector) => selector.Requirements
        .Where(r => r.Operator is SelectorOperator.Equals or SelectorOperator.In or SelectorOperator.Exists)
        .OrderBy(r => r.Operator == SelectorOperator.Exists ? int.MaxValue : r.Values.Count)
        .FirstOrDefault();

    /// <summary>A workload's own labels and those that the platform gives it; osc/network may come more than once.</summary>
    private static IEnumerable<(string Key, string Value)> LabelsOf(WorkloadDocument workload)
    {
        foreach (var (key, value) in workload.Metadata.Labels)
        {
            yield return (key, value);
        }

        yield return (WorkloadLabels.Tenant, workload.Metadata.Tenant.Value);
        foreach (var card in workload.Interfaces)
        {
            yield return (WorkloadLabels.Network, card.Network.Name.Value);
        }

        if (workload.Cloud is { } cloud)
        {
            yield return (WorkloadLabels.Cloud, cloud.Value);
        }
    }

    private static void Add<TKey, T>(Dictionary<TKey, HashSet<T>> index, TKey key, T item)
        where TKey : notnull
    {
        ref var items = ref CollectionsMarshal.GetValueRefOrAddDefault(index, key, out _);
        (items ??= []).Add(item);
    }

    private static void Remove<TKey, T>(Dictionary<TKey, HashSet<T>> index, TKey key, T item)
        where TKey : notnull
    {
        if (index[key].Remove(item) && index[key].Count == 0)
        {
            index.Remove(key);
        }
    }

    /// <summary>One label: the workloads that have it, by value, and the selectors that demand it.</summary>
    private sealed class LabelKey
    {
        private readonly Dictionary<string, HashSet<WorkloadNode>> workloads = [];
        private readonly Dictionary<string, HashSet<SelectorNode>> selectors = [];
        private readonly HashSet<SelectorNode> ofPresence = [];

        public bool IsUnasked => selectors.Count == 0 && ofPresence.Count == 0;

        public void Add(string value, WorkloadNode workload) => LabelIndex.Add(workloads, value, workload);

        /// <param name="asking">Receives the selectors that demand the label with this value.</param>
        public void Add(string value, WorkloadNode workload, HashSet<SelectorNode> asking)
        {
            Add(value, workload);
            asking.UnionWith(ofPresence);
            if (selectors.TryGetValue(value, out var found))
            {
                asking.UnionWith(found);
            }
        }

        public void Remove(string value, WorkloadNode workload)
        {
            // A value that came twice is gone already.
            if (workloads.TryGetValue(value, out var having) && having.Remove(workload) && having.Count == 0)
            {
                workloads.Remove(value);
            }
        }

        public IEnumerable<WorkloadNode> EnterForPresence(SelectorNode node)
        {
            ofPresence.Add(node);
            return workloads.Values.SelectMany(w => w);
        }

        public IEnumerable<WorkloadNode> Enter(SelectorNode node, IReadOnlyList<string> values)
        {
            foreach (var value in values)
            {
                LabelIndex.Add(selectors, value, node);
            }

            return values.Distinct().SelectMany(v => workloads.GetValueOrDefault(v, []));
        }

        public void Leave(SelectorNode node)
        {
            ofPresence.Remove(node);
            foreach (var value in DemandOf(node.Selector)!.Values) // it entered by its demand
            {
                if (selectors.TryGetValue(value, out var asking) && asking.Remove(node) && asking.Count == 0)
                {
                    selectors.Remove(value);
                }
            }
        }
    }
}
