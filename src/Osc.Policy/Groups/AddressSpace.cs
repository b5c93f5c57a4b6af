using Osc.Model;

namespace Osc.Policy.Groups;

/// <summary>
/// One vrf's addresses cut into atoms: a prefix less every longer prefix of the space that lies inside it. As far as the
/// groups in question can tell, all addresses of an atom are alike. Atoms stand in order, so those inside a prefix are a run.
/// </summary>
internal sealed class AddressSpace
{
    private readonly Prefix[] prefixes;
    private readonly PlacedInterface?[] owners;

    private AddressSpace(QualifiedName vrf, Prefix[] prefixes, PlacedInterface?[] owners)
    {
        Vrf = vrf;
        this.prefixes = prefixes;
        this.owners = owners;
    }

    public QualifiedName Vrf { get; }

    public int Count => prefixes.Length;

    /// <param name="owned">The addresses that workloads have in the vrf, with their owners.</param>
    /// <param name="ranges">Every range that a group or rule in question names in this vrf.</param>
    public static AddressSpace Of(QualifiedName vrf, IEnumerable<(IpAddress Address, PlacedInterface Owner)> owned, IEnumerable<Prefix> ranges)
    {
        var byPrefix = new SortedDictionary<Prefix, PlacedInterface?>();
        foreach (var range in ranges)
        {
            byPrefix.TryAdd(range, null);
        }

        foreach (var (address, owner) in owned)
        {
            byPrefix[Prefix.Of(address)] = owner;
        }

        return new(vrf, [.. byPrefix.Keys], [.. byPrefix.Values]);
    }

    public Prefix PrefixOf(int atom) => prefixes[atom];

    /// <summary>The interface that has the address; null for a range, and for a single address that no workload has.</summary>
    public PlacedInterface? OwnerOf(int atom) => owners[atom];

    /// <summary>The atoms inside a prefix.</summary>
    public IEnumerable<int> Inside(Prefix range)
    {
        var first = Array.BinarySearch(prefixes, range);
        for (var atom = first < 0 ? ~first : first; atom < prefixes.Length && prefixes[atom].Network.Bits <= range.Last.Bits; atom++)
        {
            if (range.Contains(prefixes[atom]))
            {
                yield return atom;
            }
        }
    }

    public int? AtomOf(IpAddress address)
    {
        var atom = Array.BinarySearch(prefixes, Prefix.Of(address));
        return atom < 0 ? null : atom;
    }
}
