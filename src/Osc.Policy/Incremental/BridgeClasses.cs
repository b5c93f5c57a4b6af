using Osc.Model;

namespace Osc.Policy.Incremental;

/// <summary>A class on one bridge: addresses that its rules cannot tell apart.</summary>
internal sealed class BridgeClass(string key, uint number, IReadOnlyCollection<GroupNode> groups, IReadOnlyCollection<string> ranges)
{
    public string Key { get; } = key;

    public uint Number { get; } = number;

    public IReadOnlyCollection<GroupNode> Groups { get; } = groups;

    /// <summary>Keys of literal ranges: only local addresses are told by those.</summary>
    public IReadOnlyCollection<string> Ranges { get; } = ranges;

    /// <summary>How many sets of groups of far addresses, and local addresses, are of it.</summary>
    public int Users { get; set; }

    /// <summary>How many local addresses of which tenants are of it.</summary>
    public Dictionary<Name, int> LocalTenants { get; } = [];

    public bool IsIn(PeerList peers)
    {
        if (peers.IsAnything)
        {
            return true;
        }

        foreach (var group in Groups)
        {
            if (peers.Has(group))
            {
                return true;
            }
        }

        foreach (var range in peers.Ranges)
        {
            if (Ranges.Contains(range.Key))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>What tells the addresses of a class from others: the peers that they are in, of those that the bridge's rules ask for.</summary>
internal readonly record struct ClassKey(string Text, IReadOnlyCollection<GroupNode> Groups, IReadOnlyCollection<string> Ranges)
{
    public static readonly ClassKey Nobody = new("", [], []);

    public static ClassKey Of(List<GroupNode> groups, IReadOnlyCollection<string> ranges)
    {
        if (groups.Count + ranges.Count == 0)
        {
            return Nobody;
        }

        if (groups.Count == 1 && ranges.Count == 0)
        {
            return new(groups[0].Key, groups, ranges);
        }

        var peers = groups.Select(g => g.Key).Concat(ranges).ToArray();
        Array.Sort(peers, StringComparer.Ordinal);
        return new(string.Join(' ', peers), groups, ranges);
    }

    public bool Equals(ClassKey other) => Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>The classes of one bridge: of far addresses by their set of groups, of local ones one by one.</summary>
internal sealed class BridgeClasses(HostNumbers numbers)
{
    private readonly Dictionary<string, BridgeClass> byKey = [];
    private readonly Dictionary<GroupNode, HashSet<BridgeClass>> byGroup = [];
    private readonly Dictionary<GroupSet, BridgeClass> far = [];
    private readonly Dictionary<AddressNode, BridgeClass> local = [];
    private readonly HashSet<BridgeClass> ofLocal = [];

    /// <summary>Sets of groups that far addresses of some class are in.</summary>
    public IReadOnlyDictionary<GroupSet, BridgeClass> Far => far;

    /// <summary>Classes that local addresses are of.</summary>
    public IReadOnlyCollection<BridgeClass> OfLocals => ofLocal;

    public BridgeClass? OfFar(GroupSet groups) => far.GetValueOrDefault(groups);

    public BridgeClass? OfLocal(AddressNode address) => local.GetValueOrDefault(address);

    public IReadOnlyCollection<BridgeClass> In(GroupNode group) => byGroup.TryGetValue(group, out var found) ? found : [];

    /// <summary>Gives sets of groups and local addresses other classes.</summary>
    /// <param name="farChanges">The class of each set; nobody's: it has none.</param>
    /// <param name="localChanges">The class of each address; of the tenant's, or no more of this bridge where there is none.</param>
    public ChangedClasses Change(List<(GroupSet Set, ClassKey Key)> farChanges, List<LocalChange> localChanges)
    {
        var changed = new ChangedClasses([], []);
        var given = new List<BridgeClass>();
        foreach (var (set, key) in farChanges)
        {
            var after = Acquire(key, changed);
            if (far.Remove(set, out var before))
            {
                given.Add(before);
            }

            if (after is not null)
            {
                far.Add(set, after);
            }
        }

        foreach (var change in localChanges)
        {
            var after = Acquire(change.Key, changed);
            if (local.Remove(change.Address, out var before))
            {
                given.Add(before);
                Count(before, change.TenantBefore, -1, changed);
            }

            if (after is not null)
            {
                local.Add(change.Address, after);
                Count(after, change.Address.Tenant, 1, changed);
            }
        }

        // Last, so that a class which one address leaves and another joins stays what it is.
        foreach (var left in given)
        {
            Release(left, changed);
        }

        return changed;
    }

    private BridgeClass? Acquire(ClassKey key, ChangedClasses changed)
    {
        if (key.Text.Length == 0)
        {
            return null;
        }

        if (!byKey.TryGetValue(key.Text, out var found))
        {
            byKey.Add(key.Text, found = new(key.Text, numbers.Classes.Acquire(key.Text), key.Groups, key.Ranges));
            changed.All.Add(found);
            foreach (var group in key.Groups)
            {
                if (!byGroup.TryGetValue(group, out var classes))
                {
                    byGroup.Add(group, classes = []);
                }

                classes.Add(found);
            }
        }

        found.Users++;
        return found;
    }

    private void Release(BridgeClass left, ChangedClasses changed)
    {
        if (--left.Users > 0)
        {
            return;
        }

        changed.All.Add(left);
        byKey.Remove(left.Key);
        numbers.Classes.Release(left.Key);
        foreach (var group in left.Groups)
        {
            var classes = byGroup[group];
            classes.Remove(left);
            if (classes.Count == 0)
            {
                byGroup.Remove(group);
            }
        }
    }

    private void Count(BridgeClass of, Name tenant, int by, ChangedClasses changed)
    {
        var before = of.LocalTenants.GetValueOrDefault(tenant);
        if (before + by == 0)
        {
            of.LocalTenants.Remove(tenant);
        }
        else
        {
            of.LocalTenants[tenant] = before + by;
        }

        if (before == 0 || before + by == 0)
        {
            changed.All.Add(of);
            changed.Local.Add(of);
        }

        if (of.LocalTenants.Count == 0)
        {
            ofLocal.Remove(of);
        }
        else
        {
            ofLocal.Add(of);
        }
    }
}

/// <summary>What became of a bridge's classes.</summary>
/// <param name="All">Those that came, that went, or whose local addresses are other tenants'.</param>
/// <param name="Local">Of them those that local addresses came to or left: rules are enforced at no others.</param>
internal readonly record struct ChangedClasses(HashSet<BridgeClass> All, HashSet<BridgeClass> Local);

/// <summary>A local address gets another class.</summary>
/// <param name="Key">Nobody's, too, once it is no longer local.</param>
/// <param name="TenantBefore">Whose it was.</param>
internal readonly record struct LocalChange(AddressNode Address, ClassKey Key, Name TenantBefore);
