using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy.Incremental;

/// <summary>A group: who names it, in which sets of groups it is, and which rules and bridges ask for it.</summary>
internal sealed class GroupNode(int id, QualifiedName name)
{
    /// <summary>Orders groups within a <see cref="GroupSet"/>.</summary>
    public int Id { get; } = id;

    public QualifiedName Name { get; } = name;

    /// <summary>The group as a peer in the key of a class.</summary>
    public string Key { get; } = name.ToString();

    /// <summary>null once it is deleted.</summary>
    public SecurityGroupDocument? Document { get; set; }

    /// <summary>Its clauses, members and exceptions.</summary>
    public IReadOnlyList<(Clause Clause, bool IsException)> Clauses => ClausesOf(Document);

    /// <summary>Groups that have this one as a member or as an exception.</summary>
    public List<ClauseUse> Parents { get; } = [];

    /// <summary>One more than the deepest group inside; so a group is settled before those that it is in.</summary>
    public int Depth { get; set; }

    /// <summary>The sets, with addresses in them, that this group is in.</summary>
    public HashSet<GroupSet> Sets { get; } = [];

    /// <summary>Rules that name it as their far end.</summary>
    public HashSet<RuleNode> NamedIn { get; } = [];

    /// <summary>Rules that are found by it when an address is asked what is enforced at it.</summary>
    public HashSet<RuleNode> EnforcedBy { get; } = [];

    /// <summary>Bridges with rules that name it as their far end.</summary>
    public HashSet<BridgeNode> NeededBy { get; } = [];

    /// <summary>The clauses of two versions of a group, but for those at the beginning and at the end that both have.</summary>
    public static (IReadOnlyList<(Clause Clause, bool IsException)> Before, IReadOnlyList<(Clause Clause, bool IsException)> After) Differing(SecurityGroupDocument? before, SecurityGroupDocument? after)
    {
        var (left, right) = CommonEnds.Narrow(before, after);
        return (ClausesOf(left as SecurityGroupDocument), ClausesOf(right as SecurityGroupDocument));
    }

    private static IReadOnlyList<(Clause Clause, bool IsException)> ClausesOf(SecurityGroupDocument? group) =>
        group is null ? [] : [.. group.Members.Select(c => (c, false)), .. group.Except.Select(c => (c, true))];

    public override string ToString() => Key;
}

/// <summary>A clause's place: a group, among its members or its exceptions.</summary>
internal readonly record struct ClauseUse(GroupNode Group, bool IsException);

/// <summary>
/// Exactly these groups, in the order of their ids: what an address is in. Interned: there is one of each, as long as an
/// address has it.
/// </summary>
internal sealed class GroupSet
{
    public static readonly GroupSet None = new([]);

    private readonly Dictionary<VrfNode, HashSet<AddressNode>> addresses = [];

    public GroupSet(GroupNode[] groups) => Groups = groups;

    public GroupNode[] Groups { get; }

    public bool IsUnused => addresses.Count == 0;

    public IReadOnlyCollection<AddressNode> In(VrfNode vrf) => addresses.TryGetValue(vrf, out var found) ? found : [];

    public IEnumerable<AddressNode> All => addresses.Values.SelectMany(a => a);

    public void Add(AddressNode address)
    {
        if (!addresses.TryGetValue(address.Vrf, out var found))
        {
            addresses.Add(address.Vrf, found = []);
        }

        found.Add(address);
    }

    public void Remove(AddressNode address)
    {
        var found = addresses[address.Vrf];
        found.Remove(address);
        if (found.Count == 0)
        {
            addresses.Remove(address.Vrf);
        }
    }

    public override string ToString() => "{" + string.Join(' ', Groups.Select(g => g.Key)) + "}";
}
