namespace Osc.Policy.Incremental;

/// <summary>All sets of groups that some address is in.</summary>
internal sealed class GroupSetIndex
{
    private readonly Dictionary<GroupNode[], GroupSet> sets = new(new SameGroups());
    private readonly HashSet<GroupSet> emptied = [];

    public int Count => sets.Count;

    /// <param name="groups">In the order of their ids, each once.</param>
    public GroupSet Of(GroupNode[] groups)
    {
        if (groups.Length == 0)
        {
            return GroupSet.None;
        }

        if (!sets.TryGetValue(groups, out var set))
        {
            sets.Add(groups, set = new(groups));
            foreach (var group in groups)
            {
                group.Sets.Add(set);
            }
        }

        return set;
    }

    public void Move(AddressNode address, GroupSet to)
    {
        Leave(address);
        address.Groups = to;
        if (to.Groups.Length > 0)
        {
            to.Add(address);
        }
    }

    public void Leave(AddressNode address)
    {
        var from = address.Groups;
        address.Groups = GroupSet.None;
        if (from.Groups.Length > 0)
        {
            from.Remove(address);
            if (from.IsUnused)
            {
                emptied.Add(from);
            }
        }
    }

    /// <summary>Forgets sets that no address is in any more.</summary>
    public void Settle()
    {
        foreach (var set in emptied.Where(s => s.IsUnused))
        {
            sets.Remove(set.Groups);
            foreach (var group in set.Groups)
            {
                group.Sets.Remove(set);
            }
        }

        emptied.Clear();
    }

    private sealed class SameGroups : IEqualityComparer<GroupNode[]>
    {
        public bool Equals(GroupNode[]? x, GroupNode[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(GroupNode[] groups)
        {
            var hash = new HashCode();
            foreach (var group in groups)
            {
                hash.Add(group.Id);
            }

            return hash.ToHashCode();
        }
    }
}
