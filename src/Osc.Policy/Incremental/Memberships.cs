using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Incremental;

/// <summary>
/// Which address is in which groups, kept up to date: clauses are found by what they name (a label, a workload, a network, a
/// range, a group), so a change asks only the addresses that it can concern, and those only the clauses that can hold for them.
/// </summary>
internal sealed class Memberships
{
    private readonly Dictionary<QualifiedName, GroupNode> groups = [];
    private readonly Dictionary<QualifiedName, List<ClauseUse>> byWorkload = [];
    private readonly Dictionary<QualifiedName, List<ClauseUse>> byNetwork = [];
    private readonly Dictionary<QualifiedName, HashSet<WorkloadNode>> workloadsOfNetwork = [];
    private readonly Dictionary<QualifiedName, WorkloadNode> workloads = [];
    private readonly LabelIndex labels = new();
    private readonly GroupSetIndex sets = new();
    private readonly GroupResolver resolver = new();
    private readonly List<AddressNode> touched = [];
    private int nextId;

    public Memberships() => Ranges = new(Touch);

    /// <summary>Where groups' ranges cut the vrfs.</summary>
    public RangeIndex Ranges { get; }

    /// <summary>The addresses that the change being worked on has touched, with what they were before.</summary>
    public IReadOnlyList<AddressNode> Touched => touched;

    public VrfNode Vrf(QualifiedName name) => Ranges.Vrf(name);

    public GroupNode Group(QualifiedName name)
    {
        if (!groups.TryGetValue(name, out var group))
        {
            groups.Add(name, group = new(nextId++, name));
        }

        return group;
    }

    public WorkloadNode Workload(QualifiedName name)
    {
        if (!workloads.TryGetValue(name, out var workload))
        {
            workloads.Add(name, workload = new(name));
        }

        return workload;
    }

    /// <summary>The workloads with an interface in a network.</summary>
    public IReadOnlyCollection<WorkloadNode> WorkloadsOf(QualifiedName network) => workloadsOfNetwork.TryGetValue(network, out var found) ? found : [];

    /// <summary>Takes a workload's addresses away; <see cref="Attach"/> gives it others, or the same.</summary>
    public void Detach(WorkloadNode workload)
    {
        foreach (var (placed, bridge) in workload.Placements)
        {
            workloadsOfNetwork[placed.Network.QualifiedName].Remove(workload);
            bridge?.Interfaces.Remove(placed);
        }

        foreach (var address in workload.Addresses)
        {
            Touch(address);
            address.Workload = null;
            address.Interface = null;
            address.MoveTo(null);
        }

        workload.Placements.Clear();
        workload.Addresses.Clear();
    }

    public void Attach(WorkloadNode workload, Placement placement)
    {
        var (placed, bridge) = placement;
        workload.Placements.Add(placement);
        bridge?.Interfaces.Add(placed);
        if (!workloadsOfNetwork.TryGetValue(placed.Network.QualifiedName, out var inNetwork))
        {
            workloadsOfNetwork.Add(placed.Network.QualifiedName, inNetwork = []);
        }

        inNetwork.Add(workload);
        foreach (var ip in placed.Interface.Addresses)
        {
            var address = Vrf(placed.Vrf).Get(Prefix.Of(ip));
            Touch(address);
            address.Workload = workload;
            address.Interface = placed;
            address.MoveTo(bridge);
            workload.Addresses.Add(address);
        }
    }

    public void Relabel(WorkloadNode workload, WorkloadDocument? after)
    {
        labels.Update(workload, workload.Document, after);
        workload.Document = after;
        if (after is null)
        {
            workloads.Remove(workload.Name);
        }

        foreach (var address in workload.Addresses)
        {
            Touch(address);
        }
    }

    /// <summary>Takes groups' clauses in, or the change from the ones they had.</summary>
    public void Update(State state, IReadOnlyList<(GroupNode Group, SecurityGroupDocument? Document)> changes)
    {
        var parts = changes.Select(c => GroupNode.Differing(c.Group.Document, c.Document)).ToArray();
        foreach (var ((group, _), (before, after)) in changes.Zip(parts))
        {
            foreach (var (clause, isException) in Without(before, after))
            {
                TouchThoseOf(group, clause);
                Unlink(state, clause, new(group, isException));
            }
        }

        foreach (var ((group, document), (before, after)) in changes.Zip(parts))
        {
            group.Document = document;
            foreach (var (clause, isException) in Without(after, before))
            {
                Link(state, clause, new(group, isException));
                TouchThoseOf(group, clause);
            }

            if (document is null)
            {
                groups.Remove(group.Name);
                Ranges.Forget(group);
            }
        }

        foreach (var (group, _) in changes)
        {
            resolver.Settle(group, Group);
        }
    }

    /// <summary>Works out anew in which groups the touched addresses are.</summary>
    public void Resolve()
    {
        // Resolving touches no more addresses: what a nested group changes was touched with it.
        foreach (var address in touched)
        {
            if (address.Exists)
            {
                sets.Move(address, sets.Of(resolver.GroupsOf(address, HitsOf(address))));
            }
            else
            {
                sets.Leave(address);
            }
        }
    }

    /// <summary>Ends the change.</summary>
    public void Settle()
    {
        foreach (var address in touched)
        {
            address.Before = null;
            if (!address.Exists)
            {
                address.Vrf.Forget(address);
            }
        }

        touched.Clear();
        sets.Settle();
    }

    private void Touch(AddressNode address)
    {
        if (address.Before is null)
        {
            address.Before = new(address.Exists, address.Groups, address.Bridge, address.Tenant);
            touched.Add(address);
        }
    }

    private IEnumerable<ClauseUse> HitsOf(AddressNode address)
    {
        if (address.Interface is { } placed)
        {
            foreach (var selector in address.Workload!.Selectors) // an address with an interface has a workload
            {
                foreach (var use in selector.Uses)
                {
                    yield return use;
                }
            }

            foreach (var use in byWorkload.GetValueOrDefault(address.Workload.Name, []).Concat(byNetwork.GetValueOrDefault(placed.Network.QualifiedName, [])))
            {
                yield return use;
            }
        }

        foreach (var range in address.Vrf.RangesAround(address.Prefix))
        {
            foreach (var use in range.Ranges)
            {
                yield return use;
            }
        }
    }

    /// <summary>Those that a clause can concern; ranges touch their own.</summary>
    private void TouchThoseOf(GroupNode group, Clause clause)
    {
        IEnumerable<AddressNode> concerned = clause switch
        {
            SelectorClause selector => labels.Find(group.Name.Tenant, selector.Selector)?.Matched.SelectMany(w => w.Addresses) ?? [],
            WorkloadClause workload => workloads.GetValueOrDefault(workload.Workload)?.Addresses ?? [],
            NetworkClause network => WorkloadsOf(network.Network).SelectMany(w => w.Addresses).Where(a => a.Interface?.Network.QualifiedName == network.Network),
            GroupClause nested => Group(nested.Group).Sets.SelectMany(s => s.All),
            _ => [],
        };
        foreach (var address in concerned.ToArray())
        {
            Touch(address);
        }
    }

    private void Link(State state, Clause clause, ClauseUse use)
    {
        switch (clause)
        {
            case SelectorClause selector:
                labels.Acquire(use.Group.Name.Tenant, selector.Selector, use);
                break;
            case WorkloadClause workload:
                Add(byWorkload, workload.Workload, use);
                break;
            case NetworkClause network:
                Add(byNetwork, network.Network, use);
                break;
            case GroupClause nested:
                Group(nested.Group).Parents.Add(use);
                break;
            default:
                Ranges.Link(state, clause, use);
                break;
        }
    }

    private void Unlink(State state, Clause clause, ClauseUse use)
    {
        switch (clause)
        {
            case SelectorClause selector:
                labels.Release(use.Group.Name.Tenant, selector.Selector, use);
                break;
            case WorkloadClause workload:
                Remove(byWorkload, workload.Workload, use);
                break;
            case NetworkClause network:
                Remove(byNetwork, network.Network, use);
                break;
            case GroupClause nested:
                Group(nested.Group).Parents.Remove(use);
                break;
            default:
                Ranges.Unlink(state, clause, use);
                break;
        }
    }

    private static List<T> Without<T>(IReadOnlyList<T> from, IReadOnlyList<T> taken)
        where T : notnull
    {
        var rest = from.ToList();
        if (rest.Count > 0)
        {
            var left = taken.CountBy(t => t).ToDictionary();
            rest.RemoveAll(item =>
            {
                var count = left.GetValueOrDefault(item);
                left[item] = count - 1;
                return count > 0;
            });
        }

        return rest;
    }

    private static void Add(Dictionary<QualifiedName, List<ClauseUse>> index, QualifiedName key, ClauseUse use)
    {
        if (!index.TryGetValue(key, out var uses))
        {
            index.Add(key, uses = []);
        }

        uses.Add(use);
    }

    private static void Remove(Dictionary<QualifiedName, List<ClauseUse>> index, QualifiedName key, ClauseUse use)
    {
        var uses = index[key];
        uses.Remove(use);
        if (uses.Count == 0)
        {
            index.Remove(key);
        }
    }
}
