using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>
/// Checks that no group contains itself, and that groups nest to a bounded depth. Works without recursion, since the depth of what
/// is checked is the writer's choice.
/// </summary>
public static class GroupNestingCheck
{
    /// <summary>How many groups may lie within each other, the outermost counted.</summary>
    public const int MaxDepth = 32;

    internal static void Check(Findings findings) => Check(findings, findings.Documents.OfType<SecurityGroupDocument>());

    /// <param name="among">Groups, and with each all that lie within it.</param>
    internal static void Check(Findings findings, IEnumerable<SecurityGroupDocument> among)
    {
        var groups = among.ToDictionary(g => g.QualifiedName);
        var inner = groups.ToDictionary(g => g.Key, g => References.GroupsIn(g.Value).Where(r => groups.ContainsKey(r.Name)).ToArray());
        var depths = DepthsOf(inner);
        foreach (var (group, depth) in depths.Where(d => d.Value == MaxDepth + 1).OrderBy(d => d.Key))
        {
            findings.Add(groups[group], "spec.members", $"{depth} groups lie within each other here", $"at most {MaxDepth}");
        }

        foreach (var cycle in CyclesIn(inner, depths))
        {
            var path = string.Join(" -> ", cycle.Append(cycle[0]).Select(r => r.Group));
            findings.Add(groups[cycle[0].Group], cycle[0].Path, $"the group contains itself: {path}", "groups that do not lead back");
        }
    }

    /// <summary>Depths from the inside out; a group that contains itself, or leads to one that does, gets none.</summary>
    private static Dictionary<QualifiedName, int> DepthsOf(Dictionary<QualifiedName, Reference[]> inner)
    {
        var depths = new Dictionary<QualifiedName, int>();
        var waiting = inner.ToDictionary(g => g.Key, g => g.Value.Length);
        var outer = inner.SelectMany(g => g.Value.Select(r => (Inner: r.Name, Outer: g.Key))).ToLookup(p => p.Inner, p => p.Outer);
        var ready = new Queue<QualifiedName>(waiting.Where(g => g.Value == 0).Select(g => g.Key));
        while (ready.TryDequeue(out var group))
        {
            depths[group] = 1 + inner[group].Select(r => depths[r.Name]).DefaultIfEmpty().Max();
            foreach (var container in outer[group])
            {
                if (--waiting[container] == 0)
                {
                    ready.Enqueue(container);
                }
            }
        }

        return depths;
    }

    /// <summary>Cycles, each from its first group in name order; a group is in at most one of them.</summary>
    private static IEnumerable<List<(QualifiedName Group, string Path)>> CyclesIn(Dictionary<QualifiedName, Reference[]> inner, Dictionary<QualifiedName, int> depths)
    {
        var seen = new HashSet<QualifiedName>();
        foreach (var start in inner.Keys.Where(g => !depths.ContainsKey(g)).Order())
        {
            var walk = new List<(QualifiedName Group, string Path)>();
            var group = start;
            while (seen.Add(group))
            {
                // A group without a depth has an inner one without a depth.
                var next = inner[group].First(r => !depths.ContainsKey(r.Name));
                walk.Add((group, next.Path));
                group = next.Name;
            }

            var first = walk.FindIndex(s => s.Group == group);
            if (first >= 0)
            {
                var cycle = walk[first..];
                var smallest = cycle.IndexOf(cycle.MinBy(s => s.Group));
                yield return [.. cycle[smallest..], .. cycle[..smallest]];
            }
        }
    }
}
