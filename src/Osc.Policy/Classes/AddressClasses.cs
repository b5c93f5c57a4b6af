using Osc.Model;
using Osc.Policy.Groups;

namespace Osc.Policy.Classes;

/// <summary>A class: a set of addresses that exactly these peers have. The empty class is that of all addresses that nobody names.</summary>
internal sealed record AddressClass(string Key, IReadOnlySet<string> Peers)
{
    public static readonly AddressClass Nobody = new("", new HashSet<string>());

    /// <summary>Whether one of the peers has the class's addresses; an empty list has all.</summary>
    public bool IsInAny(IReadOnlyCollection<string> peers) => peers.Count == 0 || peers.Any(Peers.Contains);
}

/// <summary>A prefix whose addresses (less those of longer prefixes here) are of one class.</summary>
/// <param name="Owner">The interface that has the address, where it is a single one that a workload has.</param>
internal sealed record ClassifiedPrefix(QualifiedName Vrf, Prefix Prefix, AddressClass Class, PlacedInterface? Owner);

/// <summary>Every address of some vrfs put into classes: the partition that the peers in question can tell apart, and no finer.</summary>
internal static class AddressClasses
{
    /// <returns>A prefix for each atom, shortest first within those that start alike.</returns>
    public static IReadOnlyList<ClassifiedPrefix> Classify(State state, IEnumerable<QualifiedName> vrfs, IReadOnlyCollection<TenantPeer> peers)
    {
        var (spaces, sets) = GroupSets.Resolve(state, vrfs, peers);
        var peersOf = spaces.Select(space => Enumerable.Range(0, space.Count).Select(_ => new List<string>()).ToArray()).ToArray();
        foreach (var peer in peers.DistinctBy(p => p.Key).OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            foreach (var atom in sets.Of(peer).Distinct())
            {
                peersOf[atom.Space][atom.Index].Add(peer.Key);
            }
        }

        var classes = new Dictionary<string, AddressClass> { [""] = AddressClass.Nobody };
        var prefixes = new List<ClassifiedPrefix>();
        foreach (var (s, space) in spaces.Index())
        {
            for (var atom = 0; atom < space.Count; atom++)
            {
                var key = string.Join(' ', peersOf[s][atom]);
                if (!classes.TryGetValue(key, out var found))
                {
                    classes.Add(key, found = new(key, peersOf[s][atom].ToHashSet()));
                }

                prefixes.Add(new(space.Vrf, space.PrefixOf(atom), found, space.OwnerOf(atom)));
            }
        }

        return prefixes;
    }
}
