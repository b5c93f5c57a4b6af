using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Incremental;

/// <summary>A document of one kind that changes.</summary>
internal readonly record struct Changed<T>(DocumentKey Key, T? Before, T? After)
    where T : Document;

/// <summary>An interface's place: the bridge that it is plugged into, if any.</summary>
internal readonly record struct Placement(PlacedInterface Interface, BridgeNode? Bridge)
{
    /// <summary>Whether all that the interface's flows follow from is the same.</summary>
    public bool IsSame(Placement other) =>
        Bridge == other.Bridge
        && Interface.Interface.Equals(other.Interface.Interface)
        && Interface.Network.Equals(other.Interface.Network)
        && Interface.Workload.QualifiedName == other.Interface.Workload.QualifiedName;
}

/// <summary>
/// What exists, brought up to date: workloads are taken off, hosts and networks changed, and the workloads put back where they
/// are then. A workload of a changed network or on a changed host is among them, for its interfaces say so.
/// </summary>
internal sealed class InventoryUpdate(State after, Memberships memberships, Dictionary<Name, HostNode> hosts)
{
    private readonly Dictionary<WorkloadNode, WorkloadDocument?> moving = [];
    private readonly Dictionary<Name, HostNode> made = [];

    /// <summary>Interfaces that came, or are others than before.</summary>
    public List<(BridgeNode Bridge, PlacedInterface Interface)> Plugged { get; } = [];

    /// <summary>Interfaces that went, or are others now.</summary>
    public List<(BridgeNode Bridge, PlacedInterface Interface)> Unplugged { get; } = [];

    public List<Name> Created { get; } = [];

    public List<Name> Deleted { get; } = [];

    /// <param name="networks">Those that change.</param>
    /// <param name="changedHosts">Likewise.</param>
    /// <param name="workloads">Likewise.</param>
    /// <param name="remake">Called with every followed host that has to be made anew, while it still is as it was.</param>
    public void Run(IReadOnlyList<Changed<NetworkDocument>> networks, IReadOnlyList<Changed<HostDocument>> changedHosts, IReadOnlyList<Changed<WorkloadDocument>> workloads, Action<HostNode> remake)
    {
        FindMoving(networks, changedHosts, workloads);
        foreach (var host in changedHosts.Select(h => h.After).OfType<HostDocument>())
        {
            made.Add(host.Metadata.Name, new(host));
        }

        var placements = moving.ToDictionary(m => m.Key, m => m.Value is { } document ? document.Interfaces.Select(i => Place(document, i)).ToArray() : []);
        var vrfs = networks.SelectMany(n => new[] { n.Before?.Vrf, n.After?.Vrf }).OfType<QualifiedName>().ToHashSet();
        var remade = vrfs.Count + changedHosts.Count == 0 ? [] : hosts.Values.Where(h => changedHosts.Any(n => n.Key.Name == h.Name) || h.Bridges.Any(b => b.Policy is not null && vrfs.Overlaps(b.Policy.Vrfs)));
        foreach (var host in remade.Concat(OtherwiseSet(placements).Select(b => b.Host)).Where(h => h.IsFollowed).Distinct().ToArray())
        {
            remake(host);
        }

        var before = moving.Keys.ToDictionary(w => w, w => w.Placements.ToArray());
        foreach (var workload in moving.Keys)
        {
            memberships.Detach(workload);
        }

        ReplaceHosts(changedHosts);
        foreach (var vrf in vrfs.Where(v => networks.Any(n => (n.Before?.Vrf == v) != (n.After?.Vrf == v))))
        {
            // A range counts where its tenant's networks are; what else a network says cuts nothing.
            memberships.Ranges.Refresh(after, vrf);
        }

        PutBack(placements, before);
    }

    private void FindMoving(IReadOnlyList<Changed<NetworkDocument>> networks, IReadOnlyList<Changed<HostDocument>> changedHosts, IReadOnlyList<Changed<WorkloadDocument>> workloads)
    {
        foreach (var workload in workloads)
        {
            moving.Add(memberships.Workload(workload.Key.QualifiedName), workload.After);
        }

        var onHosts = changedHosts.SelectMany(h => hosts.GetValueOrDefault(h.Key.Name)?.Bridges ?? []).SelectMany(b => b.Interfaces).Select(i => memberships.Workload(i.Workload.QualifiedName));
        foreach (var workload in networks.SelectMany(n => memberships.WorkloadsOf(n.Key.QualifiedName)).Concat(onHosts))
        {
            moving.TryAdd(workload, workload.Document);
        }
    }

    private Placement Place(WorkloadDocument workload, Interface card)
    {
        var host = card.Attachment is { } attachment ? made.GetValueOrDefault(attachment.Host) ?? hosts[attachment.Host] : null;
        return new(new(workload, card, after.Network(card.Network)), host?.BridgeOf(card.Attachment!)); // a host was found for it
    }

    /// <summary>Followed bridges that will have other networks, vrfs or tenants.</summary>
    private static IEnumerable<BridgeNode> OtherwiseSet(Dictionary<WorkloadNode, Placement[]> placements)
    {
        var leaving = placements.Keys.SelectMany(w => w.Placements).Where(p => p.Bridge?.Policy is not null).ToLookup(p => p.Bridge!, p => p.Interface);
        var coming = placements.Values.SelectMany(p => p).Where(p => p.Bridge?.Policy is not null).ToLookup(p => p.Bridge!, p => p.Interface);
        foreach (var bridge in leaving.Select(l => l.Key).Union(coming.Select(c => c.Key)))
        {
            if (SetOf(leaving[bridge]).SetEquals(SetOf(coming[bridge])))
            {
                continue;
            }

            var policy = bridge.Policy!; // filtered
            var then = SetOf(bridge.Interfaces.Where(i => !leaving[bridge].Contains(i, ReferenceEqualityComparer.Instance)).Concat(coming[bridge]));
            if (!then.Select(i => i.Network).ToHashSet().SetEquals(policy.Networks) || !then.Select(i => i.Tenant).ToHashSet().SetEquals(policy.Tenants))
            {
                yield return bridge;
            }
        }

        static HashSet<(QualifiedName Network, Name Tenant)> SetOf(IEnumerable<PlacedInterface> interfaces) => [.. interfaces.Select(i => (i.Network.QualifiedName, i.Tenant))];
    }

    private void ReplaceHosts(IReadOnlyList<Changed<HostDocument>> changed)
    {
        foreach (var name in changed.Select(h => h.Key.Name))
        {
            var had = hosts.Remove(name);
            if (!made.TryGetValue(name, out var host))
            {
                Deleted.Add(name);
                continue;
            }

            hosts.Add(name, host);
            if (!had)
            {
                Created.Add(name);
            }
        }
    }

    /// <summary>Adds what is plugged into a followed bridge in the one way of things and not in the other.</summary>
    private static void AddOthers(List<(BridgeNode Bridge, PlacedInterface Placed)> list, Placement[] these, Placement[] others)
    {
        foreach (var placement in these)
        {
            if (placement.Bridge is { Policy: not null } bridge && !others.Any(placement.IsSame))
            {
                list.Add((bridge, placement.Interface));
            }
        }
    }

    private void PutBack(Dictionary<WorkloadNode, Placement[]> placements, Dictionary<WorkloadNode, Placement[]> before)
    {
        foreach (var (workload, document) in moving)
        {
            var (old, now) = (before[workload], placements[workload]);
            foreach (var placement in now)
            {
                memberships.Attach(workload, placement);
            }

            if (!ReferenceEquals(workload.Document, document))
            {
                memberships.Relabel(workload, document);
            }

            AddOthers(Unplugged, old, now);
            AddOthers(Plugged, now, old);
        }
    }
}
