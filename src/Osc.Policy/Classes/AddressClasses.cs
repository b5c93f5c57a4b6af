using Osc.Model;
using Osc.Policy.Compile;
using Osc.Policy.Groups;

namespace Osc.Policy.Classes;

/// <summary>A class: a set of addresses that exactly these peers have. The empty class is that of all addresses that nobody names.</summary>
internal sealed record AddressClass(string Key, IReadOnlySet<string> Peers)
{
    public static readonly AddressClass Nobody = new("", new HashSet<string>());

    /// <summary>Whether one of the peers has the class's addresses.</summary>
    public bool IsInAny(IReadOnlyCollection<TenantPeer> peers) => peers.Any(p => Peers.Contains(p.Key));
}

/// <summary>A prefix whose addresses (less those of longer prefixes here) are of one class.</summary>
/// <param name="Owner">The interface that has the address, where it is a single one that a workload has.</param>
internal sealed record ClassifiedPrefix(QualifiedName Vrf, Prefix Prefix, AddressClass Class, PlacedInterface? Owner);

/// <summary>
/// The addresses of a bridge's vrfs put into classes: the partition that the rules which can hold here can tell apart, and no
/// finer. A far address is told by the groups that rules name; a local one also by what its rules are enforced at.
/// </summary>
/// <param name="Prefixes">A prefix for each atom, shortest first within those that start alike.</param>
/// <param name="Rules">The rules that are enforced at some local address, in the order in which they decide.</param>
internal sealed record AddressClasses(IReadOnlyList<ClassifiedPrefix> Prefixes, IReadOnlyList<SidedRule> Rules)
{
    public static AddressClasses Of(BridgeView view)
    {
        var groups = view.Rules.SelectMany(r => r.Enforced.Concat(r.AppliedTo).Concat(r.NamedGroups)).Where(p => p.IsGroup).DistinctBy(p => p.Key).ToArray();
        var (spaces, sets) = GroupSets.Resolve(view.State, view.Vrfs, groups);
        var groupsOf = spaces.Select(space => Enumerable.Range(0, space.Count).Select(_ => new HashSet<string>()).ToArray()).ToArray();
        foreach (var group in groups)
        {
            foreach (var atom in sets.Of(group))
            {
                groupsOf[atom.Space][atom.Index].Add(group.Key);
            }
        }

        var atoms = spaces.SelectMany((space, s) => Enumerable.Range(0, space.Count).Select(i => new ClassifiedAtom(space.Vrf, space.PrefixOf(i), space.OwnerOf(i), groupsOf[s][i]))).ToArray();
        var here = view.Interfaces.ToHashSet();
        var local = atoms.Where(a => a.Owner is not null && here.Contains(a.Owner)).ToArray();
        var rules = view.Rules.Where(r => local.Any(a => a.Enforces(r))).ToArray();

        var named = rules.SelectMany(r => r.NamedGroups).Select(p => p.Key).ToHashSet();
        var enforced = local.Select(a => a.Owner!.Tenant).Distinct() // local atoms have owners
            .ToDictionary(t => t, t => rules.Where(r => r.Rule.IsFor(t)).SelectMany(r => r.Enforced.Concat(r.AppliedTo)).DistinctBy(p => p.Key).ToArray());
        var classes = new Dictionary<string, AddressClass> { [""] = AddressClass.Nobody };
        return new([.. atoms.Select(a => new ClassifiedPrefix(a.Vrf, a.Prefix, ClassOf(a), a.Owner))], rules);

        AddressClass ClassOf(ClassifiedAtom atom)
        {
            var own = atom.Owner is { } owner && here.Contains(owner) ? enforced[owner.Tenant].Where(atom.IsIn).Select(p => p.Key) : [];
            var peers = atom.Groups.Where(named.Contains).Concat(own).ToHashSet();
            var key = string.Join(' ', peers.Order(StringComparer.Ordinal));
            if (!classes.TryGetValue(key, out var found))
            {
                classes.Add(key, found = new(key, peers));
            }

            return found;
        }
    }

    /// <summary>An atom with the groups that it is in.</summary>
    private sealed record ClassifiedAtom(QualifiedName Vrf, Prefix Prefix, PlacedInterface? Owner, HashSet<string> Groups)
    {
        public bool IsIn(TenantPeer peer) => peer.IsGroup ? Groups.Contains(peer.Key) : peer.HasAddress(Prefix.Network);

        /// <summary>Whether a rule is enforced at this address; it is a local one.</summary>
        public bool Enforces(SidedRule rule) =>
            rule.Rule.IsFor(Owner!.Tenant) // local
            && (rule.Enforced.Count == 0 || rule.Enforced.Any(IsIn))
            && (rule.AppliedTo.Count == 0 || rule.AppliedTo.Any(IsIn));
    }
}
