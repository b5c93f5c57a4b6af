using System.Collections.Concurrent;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>Who has which address, and which labels: found when first asked for.</summary>
internal sealed class Inventory(State state)
{
    private readonly Lazy<ILookup<(string Key, string Value), PlacedInterface>> byLabel =
        new(() => state.Interfaces.SelectMany(i => LabelValues.All(i.Workload).Select(l => (Label: l, Interface: i))).ToLookup(p => p.Label, p => p.Interface));

    private readonly Lazy<ILookup<QualifiedName, PlacedInterface>> byNetwork = new(() => state.Interfaces.ToLookup(i => i.Interface.Network));
    private readonly Lazy<ILookup<QualifiedName, PlacedInterface>> byVrf = new(() => state.Interfaces.ToLookup(i => i.Vrf));
    private readonly ConcurrentDictionary<QualifiedName, OwnedAddress[]> owned = [];
    private readonly ConcurrentDictionary<QualifiedName, Dictionary<IpAddress, bool>> broadcasts = [];

    /// <summary>The interfaces of the workloads that a selector of a tenant's group selects.</summary>
    public IEnumerable<PlacedInterface> Selected(Name tenant, Selector selector)
    {
        var candidates = LabelValues.Naming(selector) is { } naming
            ? naming.Values.Distinct().SelectMany(value => byLabel.Value[(naming.Key, value)])
            : state.Interfaces;
        return candidates.Where(i => (tenant == Tenants.System || i.Tenant == tenant) && LabelValues.Match(i.Workload, selector));
    }

    public IEnumerable<PlacedInterface> OfWorkload(QualifiedName workload) =>
        state.Documents.Find<WorkloadDocument>(Kind.Workload, workload) is { } document
            ? document.Interfaces.Select(i => new PlacedInterface(document, i, state.Network(i.Network)))
            : [];

    public IEnumerable<PlacedInterface> InNetwork(QualifiedName network) => byNetwork.Value[network];

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

        return Within(owned.GetOrAdd(vrf, Sort), set);
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

    private OwnedAddress[] Sort(QualifiedName vrf)
    {
        OwnedAddress[] sorted = [.. byVrf.Value[vrf].SelectMany(i => i.Interface.Addresses.Select(a => new OwnedAddress(a, i)))];
        Array.Sort(sorted, OwnedAddress.ByAddress);
        return sorted;
    }

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
