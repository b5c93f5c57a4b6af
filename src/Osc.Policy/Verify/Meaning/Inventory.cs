using System.Collections.Concurrent;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>Who has which address, and which labels: looked up as it was in some state, and in the workloads that have changed since.</summary>
internal sealed class Inventory
{
    /// <summary>With more changes than this everything is indexed anew.</summary>
    private const int MostChanged = 1_000;

    private readonly State state;
    private readonly InventoryIndex index;
    private readonly HashSet<QualifiedName> changed;
    private readonly PlacedInterface[] fresh;
    private readonly ConcurrentDictionary<QualifiedName, Dictionary<IpAddress, bool>> broadcasts = [];

    public Inventory(State state)
        : this(state, new(state), [])
    {
    }

    private Inventory(State state, InventoryIndex index, HashSet<QualifiedName> changed)
    {
        this.state = state;
        this.index = index;
        this.changed = changed;
        fresh = [.. changed.SelectMany(OfWorkload)];
    }

    /// <summary>The same of another state, of the same networks.</summary>
    /// <param name="workloads">All workloads in which the states differ; more do no harm.</param>
    public Inventory For(State other, IEnumerable<QualifiedName> workloads)
    {
        var all = changed.Concat(workloads).ToHashSet();
        return all.Count > MostChanged ? new(other) : new(other, index, all);
    }

    /// <summary>The interfaces of the workloads that a selector of a tenant's group selects.</summary>
    public IEnumerable<PlacedInterface> Selected(Name tenant, Selector selector)
    {
        var candidates = LabelValues.Naming(selector) is { } naming
            ? UpToDate(naming.Values.Distinct().SelectMany(value => index.With(naming.Key, value)))
            : state.Interfaces;
        return candidates.Where(i => (tenant == Tenants.System || i.Tenant == tenant) && LabelValues.Match(i.Workload, selector));
    }

    public IEnumerable<PlacedInterface> OfWorkload(QualifiedName workload) =>
        state.Documents.Find<WorkloadDocument>(Kind.Workload, workload) is { } document
            ? document.Interfaces.Select(i => new PlacedInterface(document, i, state.Network(i.Network)))
            : [];

    public IEnumerable<PlacedInterface> InNetwork(QualifiedName network) => UpToDate(index.In(network)).Where(i => i.Interface.Network == network);

    /// <summary>The addresses of a set that workloads have, with their owners, in order.</summary>
    public IEnumerable<OwnedAddress> OwnedIn(QualifiedName vrf, AddressSet set)
    {
        if (AreSingle(set))
        {
            return set.Ranges.ToArray()
                .Select(r => IpAddress.FromBits(r.First))
                .Select(a => (Address: a, Owner: state.OwnerOf(vrf, a)))
                .Where(p => p.Owner is not null)
                .Select(p => new OwnedAddress(p.Address, p.Owner!)); // filtered above
        }

        var owned = Within(index.OwnedIn(vrf), set);
        var since = fresh.Where(i => i.Vrf == vrf).SelectMany(i => i.Interface.Addresses.Where(set.Contains).Select(a => new OwnedAddress(a, i)));
        return changed.Count == 0 ? owned : owned.Where(o => !IsChanged(o.Owner)).Concat(since).Order(OwnedAddress.ByAddress);
    }

    /// <summary>Whether an address is the directed broadcast address of a subnet and nobody's own; then, whether its network takes multicast.</summary>
    public bool IsDirectedBroadcast(QualifiedName vrf, IpAddress address, out bool multicast) => broadcasts.GetOrAdd(vrf, FindBroadcasts).TryGetValue(address, out multicast);

    /// <summary>The directed broadcast addresses of a vrf.</summary>
    public IEnumerable<IpAddress> BroadcastsOf(QualifiedName vrf) => broadcasts.GetOrAdd(vrf, FindBroadcasts).Keys;

    /// <summary>Whether packets to many from an address may pass: the setting of its owner's network, else of the first with it in a subnet.</summary>
    public bool SendsToMany(QualifiedName vrf, IpAddress address, PlacedInterface? owner) =>
        owner is not null ? owner.Network.Multicast : state.NetworksOf(vrf).FirstOrDefault(n => n.Subnets.Any(s => s.Contains(address)))?.Multicast == true;

    private static bool AreSingle(AddressSet set)
    {
        const int Few = 64;
        foreach (var range in set.Ranges)
        {
            if (range.First != range.Last)
            {
                return false;
            }
        }

        return set.Ranges.Length <= Few;
    }

    private static IEnumerable<OwnedAddress> Within(OwnedAddress[] sorted, AddressSet set)
    {
        foreach (var range in set.Ranges.ToArray())
        {
            var at = Array.BinarySearch(sorted, new OwnedAddress(IpAddress.FromBits(range.First), null!), OwnedAddress.ByAddress); // only addresses are compared
            for (at = at < 0 ? ~at : at; at < sorted.Length && sorted[at].Address.Bits <= range.Last; at++)
            {
                yield return sorted[at];
            }
        }
    }

    /// <summary>Interfaces as they were, but for those of workloads that changed, and all of those as they are.</summary>
    private IEnumerable<PlacedInterface> UpToDate(IEnumerable<PlacedInterface> indexed) =>
        changed.Count == 0 ? indexed : indexed.Where(i => !IsChanged(i)).Concat(fresh);

    /// <summary>Whether an interface's workload is not as it was indexed.</summary>
    private bool IsChanged(PlacedInterface placed) => changed.Contains(placed.Workload.QualifiedName);

    private Dictionary<IpAddress, bool> FindBroadcasts(QualifiedName vrf)
    {
        const int LongestWithBroadcast = 30; // RFC 3021
        var found = new Dictionary<IpAddress, bool>();
        foreach (var network in state.NetworksOf(vrf))
        {
            foreach (var subnet in network.Subnets.Where(s => s.Family == IpFamily.IPv4 && s.Length <= LongestWithBroadcast && state.OwnerOf(vrf, s.Last) is null))
            {
                found.TryAdd(subnet.Last, network.Multicast);
            }
        }

        return found;
    }
}

/// <summary>An address that a workload has.</summary>
internal readonly record struct OwnedAddress(IpAddress Address, PlacedInterface Owner)
{
    public static readonly IComparer<OwnedAddress> ByAddress = Comparer<OwnedAddress>.Create((a, b) => a.Address.CompareTo(b.Address));
}
