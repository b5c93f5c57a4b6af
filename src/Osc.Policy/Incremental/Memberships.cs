using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Groups;

namespace Osc.Policy.Incremental;

/// <summary>
/// Which address is in which groups, kept up to date: clauses are found by what they name (a label, a workload, a network, a
/// range, a group), so a change asks only the addresses that it can concern, and those only the clauses that can hold for them.
/// </summary>
internal sealed class Memberships
{
    private readonly Dictionary<QualifiedName, GroupNode> groups = [];
    private readonly Dictionary<QualifiedName, VrfNode> vrfs = [];
    private readonly Dictionary<QualifiedName, List<ClauseUse>> byWorkload = [];
    private readonly Dictionary<QualifiedName, List<ClauseUse>> byNetwork = [];
    private readonly Dictionary<QualifiedName, HashSet<WorkloadNode>> workloadsOfNetwork = [];
    private readonly Dictionary<QualifiedName, WorkloadNode> workloads = [];
    private readonly Dictionary<string, List<ClauseUse>> byDnsName = [];
    private readonly Dictionary<string, ValueList<IpAddress>> dnsNames = [];
    private readonly HashSet<GroupNode> withRanges = [];
    private readonly LabelIndex labels = new();
    private readonly GroupSetIndex sets = new();
    private readonly GroupResolver resolver = new();
    private readonly List<AddressNode> touched = [];
    private int nextId;

    /// <summary>The addresses that the change being worked on has touched, with what they were before.</summary>
    public IReadOnlyList<AddressNode> Touched => touched;

    /// <summary>An address space, once <see cref="Refresh"/> has brought it in.</summary>
    public VrfNode Vrf(QualifiedName name) => vrfs[name];

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

    public WorkloadNode? FindWorkload(QualifiedName name) => workloads.GetValueOrDefault(name);

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

    public void Attach(WorkloadNode workload, PlacedInterface placed, BridgeNode? bridge)
    {
        workload.Placements.Add((placed, bridge));
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

    /// <summary>Takes the addresses of a DNS name in, or the change from the ones it had. A name's addresses are ranges of one.</summary>
    public void Resolve(State state, string fqdn)
    {
        var before = dnsNames.GetValueOrDefault(fqdn, []);
        var now = state.AddressesOf(fqdn);
        if (now.Count == 0)
        {
            dnsNames.Remove(fqdn);
        }
        else
        {
            dnsNames[fqdn] = now;
        }

        foreach (var use in byDnsName.GetValueOrDefault(fqdn, []))
        {
            foreach (var vrf in vrfs.Values)
            {
                foreach (var gone in before.Except(now).Select(a => Prefix.Of(a)))
                {
                    TouchAll(AddressesIn(vrf, gone));
                    UnlinkRange(vrf, gone, use);
                }

                foreach (var added in now.Except(before).Select(a => Prefix.Of(a)).Where(a => Counts(state, new(a, use.Group.Name.Tenant, null), vrf.Name)))
                {
                    LinkRange(vrf, added, use);
                    TouchAll(AddressesIn(vrf, added));
                }
            }
        }
    }

    /// <summary>Takes groups' clauses in, or the change from the ones they had.</summary>
    public void Update(State before, State after, IReadOnlyList<(GroupNode Group, SecurityGroupDocument? Document)> changes)
    {
        foreach (var (group, document) in changes)
        {
            foreach (var (clause, isException) in Without(ClausesOf(group.Document), ClausesOf(document)))
            {
                TouchThoseOf(before, group, clause);
                Unlink(clause, new(group, isException));
            }
        }

        foreach (var (group, document) in changes)
        {
            var added = Without(ClausesOf(document), ClausesOf(group.Document));
            group.Document = document;
            foreach (var (clause, isException) in added)
            {
                Link(after, clause, new(group, isException));
                TouchThoseOf(after, group, clause);
            }

            if (document is null)
            {
                groups.Remove(group.Name);
                withRanges.Remove(group);
            }
        }

        foreach (var (group, _) in changes)
        {
            resolver.Settle(group, Group);
        }
    }

    /// <summary>
    /// Brings a vrf in, or cuts it anew after networks have come into it or left it: a range counts by whose networks are there.
    /// </summary>
    public void Refresh(State state, QualifiedName name)
    {
        if (!vrfs.TryGetValue(name, out var vrf))
        {
            vrfs.Add(name, vrf = new(name));
        }

        foreach (var address in vrf.Addresses.ToArray())
        {
            Touch(address);
            while (address.Cuts > 0)
            {
                vrf.Uncut(address);
            }

            address.Ranges.Clear();
        }

        if (!state.NetworksOf(name).Any())
        {
            vrfs.Remove(name);
            return;
        }

        foreach (var group in withRanges)
        {
            foreach (var (clause, isException) in ClausesOf(group.Document))
            {
                foreach (var range in RangesOf(group, clause).Where(r => Counts(state, r, name)))
                {
                    LinkRange(vrf, range.Cidr, new(group, isException));
                }
            }
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

    private void TouchThoseOf(State state, GroupNode group, Clause clause)
    {
        var concerned = clause switch
        {
            SelectorClause selector => labels.Find(group.Name.Tenant, selector.Selector)?.Matched.SelectMany(w => w.Addresses) ?? [],
            WorkloadClause workload => FindWorkload(workload.Workload)?.Addresses ?? [],
            NetworkClause network => WorkloadsOf(network.Network).SelectMany(w => w.Addresses).Where(a => a.Interface?.Network.QualifiedName == network.Network),
            GroupClause nested => Group(nested.Group).Sets.SelectMany(s => s.All),
            _ => RangesOf(group, clause).SelectMany(range => vrfs.Values.Where(v => Counts(state, range, v.Name)).SelectMany(v => AddressesIn(v, range.Cidr))),
        };
        TouchAll(concerned);
    }

    private void TouchAll(IEnumerable<AddressNode> addresses)
    {
        foreach (var address in addresses.ToArray())
        {
            Touch(address);
        }
    }

    private static IEnumerable<AddressNode> AddressesIn(VrfNode vrf, Prefix range) =>
        range.IsSingleAddress ? vrf.Find(range) is { } single ? [single] : [] : vrf.Addresses.Where(a => range.Contains(a.Prefix));

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
                if (clause is FqdnClause fqdn)
                {
                    Add(byDnsName, fqdn.Fqdn, use);
                }

                withRanges.Add(use.Group);
                foreach (var range in RangesOf(use.Group, clause))
                {
                    foreach (var vrf in vrfs.Values.Where(v => Counts(state, range, v.Name)))
                    {
                        LinkRange(vrf, range.Cidr, use);
                    }
                }

                break;
        }
    }

    private void Unlink(Clause clause, ClauseUse use)
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
                if (clause is FqdnClause fqdn)
                {
                    Remove(byDnsName, fqdn.Fqdn, use);
                }

                foreach (var range in RangesOf(use.Group, clause))
                {
                    foreach (var vrf in vrfs.Values)
                    {
                        UnlinkRange(vrf, range.Cidr, use);
                    }
                }

                break;
        }
    }

    /// <summary>Cuts a vrf at a range; in the 128-bit space a short IPv6 range lies around all of IPv4, which is set apart there.</summary>
    private void LinkRange(VrfNode vrf, Prefix cidr, ClauseUse use)
    {
        foreach (var cut in GroupSets.WithIPv4Apart(cidr))
        {
            var node = vrf.Get(cut);
            Touch(node);
            vrf.Cut(node);
            if (cut == cidr)
            {
                node.Ranges.Add(use);
            }
        }
    }

    private void UnlinkRange(VrfNode vrf, Prefix cidr, ClauseUse use)
    {
        if (vrf.Find(cidr)?.Ranges.Remove(use) == true)
        {
            foreach (var cut in GroupSets.WithIPv4Apart(cidr))
            {
                var node = vrf.Get(cut);
                Touch(node);
                vrf.Uncut(node);
            }
        }
    }

    /// <summary>A range whose network is going counts nowhere.</summary>
    private static bool Counts(State state, TenantRange range, QualifiedName vrf) =>
        (range.Network is not { } network || state.Documents.Contains(new(network.Tenant, Kind.Network, network.Name))) && range.CountsIn(state, vrf);

    private IEnumerable<TenantRange> RangesOf(GroupNode group, Clause clause) => clause switch
    {
        FqdnClause fqdn => dnsNames.GetValueOrDefault(fqdn.Fqdn, []).Select(a => new TenantRange(Prefix.Of(a), group.Name.Tenant, null)),
        CidrClause cidr => [new(cidr.Cidr, group.Name.Tenant, cidr.Network)],
        _ => [],
    };

    private static IReadOnlyList<(Clause Clause, bool IsException)> ClausesOf(SecurityGroupDocument? group) =>
        group is null ? [] : [.. group.Members.Select(c => (c, false)), .. group.Except.Select(c => (c, true))];

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

    private static void Add<TKey>(Dictionary<TKey, List<ClauseUse>> index, TKey key, ClauseUse use)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var uses))
        {
            index.Add(key, uses = []);
        }

        uses.Add(use);
    }

    private static void Remove<TKey>(Dictionary<TKey, List<ClauseUse>> index, TKey key, ClauseUse use)
        where TKey : notnull
    {
        var uses = index[key];
        uses.Remove(use);
        if (uses.Count == 0)
        {
            index.Remove(key);
        }
    }
}
