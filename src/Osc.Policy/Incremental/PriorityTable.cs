using Osc.Model;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>
/// The rules of one table of a bridge, highest priority first. A new rule goes between its neighbours; where there is no room
/// the fewest around it that give room are spread anew.
/// </summary>
internal sealed class PriorityTable
{
    /// <summary>Room left on the far side of a rule that comes last or first, so that a list that grows at one end does not use up its gap by halves.</summary>
    private const int Step = 16;

    private readonly List<RuleSection> rules = [];
    private readonly Dictionary<RuleKey, int> before = [];

    /// <summary>What stands now under the keys of rules that the open change has brought, moved or taken; null: nothing.</summary>
    private readonly Dictionary<RuleKey, RuleSection?> touched = [];

    public IReadOnlyList<RuleSection> Rules => rules;

    /// <summary>What the open change has done so far: rules with their new priorities, or <see cref="HostNumberingChange.GivenUp"/>.</summary>
    public IEnumerable<KeyValuePair<RuleKey, uint>> Changes
    {
        get
        {
            foreach (var (key, rule) in touched)
            {
                var now = rule?.Priority ?? (int)HostNumberingChange.GivenUp;
                if (now != before.GetValueOrDefault(key, (int)HostNumberingChange.GivenUp))
                {
                    yield return KeyValuePair.Create(key, (uint)now);
                }
            }
        }
    }

    /// <summary>Takes in rules that have their priorities already, in order.</summary>
    public void Load(IEnumerable<RuleSection> ordered) => rules.AddRange(ordered);

    public void Remove(RuleSection rule)
    {
        rules.RemoveAt(IndexOf(rule));
        if (touched.TryAdd(rule.Rule.Key, null))
        {
            before.Add(rule.Rule.Key, rule.Priority);
        }

        touched[rule.Rule.Key] = null;
    }

    /// <summary>Gives a rule its place and priority.</summary>
    /// <returns>Other rules that had to move.</returns>
    /// <exception cref="InvalidOperationException">There are more rules than priorities.</exception>
    public IReadOnlyList<(RuleSection Rule, int Before)> Insert(RuleSection rule)
    {
        var index = Place(rule);
        var above = index == 0 ? PriorityList.Highest + 1 : rules[index - 1].Priority;
        var below = index == rules.Count ? PriorityList.Lowest - 1 : rules[index].Priority;
        rules.Insert(index, rule);
        touched[rule.Rule.Key] = rule;
        if (before.TryGetValue(rule.Rule.Key, out var wanted) && wanted > below && wanted < above)
        {
            rule.Priority = wanted;
            return [];
        }

        if (above - below > 1)
        {
            var middle = below + ((above - below) / 2);
            rule.Priority = index == rules.Count - 1 && index > 0 ? Math.Max(middle, above - Step) : index == 0 && rules.Count > 1 ? Math.Min(middle, below + Step) : middle;
            return [];
        }

        return MakeRoom(index);
    }

    /// <summary>Ends the change.</summary>
    public void Settle()
    {
        before.Clear();
        touched.Clear();
        if (touched.Capacity > NumberTable.KeptCapacity)
        {
            before.TrimExcess();
            touched.TrimExcess();
        }
    }

    /// <summary>Ends a change that was taken back: every rule has the priority that it had before.</summary>
    public void Restore()
    {
        foreach (var rule in before.Count > 0 ? rules : [])
        {
            rule.Priority = before.GetValueOrDefault(rule.Rule.Key, rule.Priority);
        }

        Settle();
    }

    private List<(RuleSection Rule, int Before)> MakeRoom(int index)
    {
        for (var reach = 4; ; reach *= 2)
        {
            var first = Math.Max(0, index - reach);
            var last = Math.Min(rules.Count - 1, index + reach);
            var above = first == 0 ? PriorityList.Highest + 1 : rules[first - 1].Priority;
            var below = last == rules.Count - 1 ? PriorityList.Lowest - 1 : rules[last + 1].Priority;
            var count = last - first + 1;
            var isAll = first == 0 && last == rules.Count - 1;
            if (above - below - 1 < (isAll ? count : count * 2))
            {
                if (isAll)
                {
                    throw new InvalidOperationException($"a table takes at most {PriorityList.Highest} rules, not {rules.Count}");
                }

                continue;
            }

            var moved = new List<(RuleSection Rule, int Before)>();
            for (var i = 0; i < count; i++)
            {
                var rule = rules[first + i];
                var priority = (int)(above - ((long)(above - below) * (i + 1) / (count + 1)));
                if (rule.Priority != priority)
                {
                    if (first + i != index)
                    {
                        moved.Add((rule, rule.Priority));
                        if (touched.TryAdd(rule.Rule.Key, rule))
                        {
                            before.Add(rule.Rule.Key, rule.Priority);
                        }
                    }

                    rule.Priority = priority;
                }
            }

            return moved;
        }
    }

    private int Place(RuleSection rule)
    {
        var low = 0;
        var high = rules.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = RuleOrder.Instance.Compare(rules[middle].Rule, rule.Rule) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private int IndexOf(RuleSection rule)
    {
        var low = 0;
        var high = rules.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (rules[middle].Priority == rule.Priority)
            {
                return middle;
            }

            (low, high) = rules[middle].Priority > rule.Priority ? (middle + 1, high) : (low, middle - 1);
        }

        throw new InvalidOperationException($"{rule.Rule} is not in its table");
    }
}
