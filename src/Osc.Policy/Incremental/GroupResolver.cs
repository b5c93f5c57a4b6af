using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Incremental;

/// <summary>From the clauses that hold for an address to the groups that it is in, inner groups first.</summary>
internal sealed class GroupResolver
{
    private readonly Dictionary<GroupNode, Hit> hits = [];
    private readonly PriorityQueue<GroupNode, int> waiting = new();
    private readonly List<GroupNode> found = [];

    [Flags]
    private enum Hit
    {
        Member = 1,
        Exception = 2,
    }

    /// <returns>The groups, in the order of their ids.</returns>
    public GroupNode[] GroupsOf(AddressNode address, IEnumerable<ClauseUse> clauses)
    {
        foreach (var use in clauses)
        {
            Mark(use);
        }

        // A group waits with its depth, so all that is inside it has been settled when its turn comes.
        while (waiting.TryDequeue(out var group, out _))
        {
            if (hits[group] == Hit.Member)
            {
                found.Add(group);
                foreach (var parent in group.Parents)
                {
                    Mark(parent);
                }
            }
        }

        found.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        var result = found.ToArray();
        hits.Clear();
        found.Clear();
        return result;
    }

    /// <summary>Sets the depth of a group whose clauses changed, and of those that it is in.</summary>
    public void Settle(GroupNode changed, Func<QualifiedName, GroupNode> groupOf)
    {
        var open = new Queue<GroupNode>([changed]);
        while (open.TryDequeue(out var group))
        {
            var inner = group.Document is { } document ? document.Members.Concat(document.Except).OfType<GroupClause>() : [];
            var depth = inner.Select(c => groupOf(c.Group).Depth + 1).DefaultIfEmpty(0).Max();
            if (depth != group.Depth || group == changed)
            {
                group.Depth = depth;
                foreach (var parent in group.Parents)
                {
                    open.Enqueue(parent.Group);
                }
            }
        }
    }

    private void Mark(ClauseUse use)
    {
        var hit = use.IsException ? Hit.Exception : Hit.Member;
        if (hits.TryAdd(use.Group, hit))
        {
            waiting.Enqueue(use.Group, use.Group.Depth);
        }
        else
        {
            hits[use.Group] |= hit;
        }
    }
}
