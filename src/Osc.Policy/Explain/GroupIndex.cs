using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Groups;

namespace Osc.Policy.Explain;

/// <summary>
/// The clauses of all groups turned round: from what an address has (labels, workload, network, the address itself) to the
/// groups that could name it. So one address is asked of a few groups, not of all. Immutable, and the same as long as no group and no DNS name changes.
/// </summary>
internal sealed class GroupIndex
{
    /// <summary>In place of a label's value: groups that ask for no value of a label.</summary>
    private static readonly (string Key, string Value) AnyLabels = ("", "");

    private readonly SecurityGroupDocument[] groups;
    private readonly Dictionary<QualifiedName, int> numbers;
    private readonly Dictionary<(Name Tenant, (string Key, string Value) Label), List<int>> byLabel;
    private readonly Dictionary<QualifiedName, List<int>> byWorkload;
    private readonly Dictionary<QualifiedName, List<int>> byNetwork;
    private readonly Dictionary<int, List<int>> around;
    private readonly Dictionary<Prefix, List<int>> byRange;
    private readonly int[] rangeLengths;

    /// <summary>Groups with a clause that no index knows: they are asked for every address.</summary>
    private readonly List<int> always;

    public GroupIndex(State state)
    {
        groups = [.. state.Documents.OfType<SecurityGroupDocument>()];
        (numbers, byLabel, byWorkload, byNetwork, around, byRange, always) = ([], [], [], [], [], [], []);
        foreach (var (number, group) in groups.Index())
        {
            numbers.Add(group.QualifiedName, number);
        }

        foreach (var (number, group) in groups.Index())
        {
            foreach (var clause in group.Members.Concat(group.Except))
            {
                Enter(state, number, clause, Step.Build);
            }
        }

        rangeLengths = [.. byRange.Keys.Select(r => r.BitLength).Distinct()];
    }

    /// <summary>The same groups, of which some have other clauses: lists that they are in are copied, all others shared.</summary>
    private GroupIndex(GroupIndex before, State state, IReadOnlyList<SecurityGroupDocument> others)
    {
        groups = [.. before.groups];
        numbers = before.numbers;
        (byLabel, byWorkload, byNetwork, around, byRange, always) =
            (new(before.byLabel), new(before.byWorkload), new(before.byNetwork), new(before.around), new(before.byRange), [.. before.always]);
        foreach (var group in others)
        {
            var number = numbers[group.QualifiedName];
            foreach (var clause in groups[number].Members.Concat(groups[number].Except))
            {
                Enter(state, number, clause, Step.TakeOut);
            }

            groups[number] = group;
            foreach (var clause in group.Members.Concat(group.Except))
            {
                Enter(state, number, clause, Step.PutIn);
            }
        }

        // A length of which there is no range any more is looked for in vain.
        rangeLengths = [.. before.rangeLengths.Union(others.SelectMany(g => g.Members.Concat(g.Except)).SelectMany(c => RangesOf(state, c)).Select(r => r.BitLength))];
    }

    private enum Step
    {
        /// <summary>Into lists that nobody else has.</summary>
        Build,
        TakeOut,
        PutIn,
    }

    /// <summary>Numbers of groups by name; the same after <see cref="For"/>.</summary>
    public IReadOnlyDictionary<QualifiedName, int> Numbers => numbers;

    /// <summary>The index of another state, in which groups have other clauses.</summary>
    /// <param name="changed">All groups that differ; more do no harm.</param>
    /// <returns>null where a group is only in one of the two states: all has to be indexed anew.</returns>
    public GroupIndex? For(State other, IEnumerable<QualifiedName> changed)
    {
        var others = new List<SecurityGroupDocument>();
        foreach (var name in changed)
        {
            var then = other.Documents.Find<SecurityGroupDocument>(Kind.SecurityGroup, name);
            if (then is null == numbers.ContainsKey(name))
            {
                return null;
            }

            if (then is not null)
            {
                others.Add(then);
            }
        }

        return new(this, other, others);
    }

    public int Count => groups.Length;

    public SecurityGroupDocument this[int number] => groups[number];

    /// <summary>The groups that could have an address: every group that has it is among them, and so is every group whose except has it.</summary>
    /// <param name="owner">Who has the address.</param>
    public HashSet<int> Candidates(IpAddress address, PlacedInterface? owner)
    {
        var found = new HashSet<int>(always);
        if (owner is not null)
        {
            AddOfWorkload(found, owner);
        }

        foreach (var length in rangeLengths)
        {
            if (PrefixOf(address, length) is { } range)
            {
                Add(found, byRange, range);
            }
        }

        var waiting = new Queue<int>(found);
        while (waiting.TryDequeue(out var inner))
        {
            foreach (var outer in around.GetValueOrDefault(inner) ?? [])
            {
                if (found.Add(outer))
                {
                    waiting.Enqueue(outer);
                }
            }
        }

        return found;
    }

    private void AddOfWorkload(HashSet<int> found, PlacedInterface owner)
    {
        foreach (var tenant in new[] { owner.Tenant, Tenants.System }.Distinct())
        {
            Add(found, byLabel, (tenant, AnyLabels));
            Add(found, byLabel, (tenant, (WorkloadLabels.Tenant, owner.Tenant.Value)));
            foreach (var (key, value) in owner.Workload.Metadata.Labels)
            {
                Add(found, byLabel, (tenant, (key, value)));
            }
        }

        Add(found, byWorkload, owner.Workload.QualifiedName);
        Add(found, byNetwork, owner.Interface.Network);
    }

    private void Enter(State state, int group, Clause clause, Step step)
    {
        switch (clause)
        {
            case SelectorClause selector:
                foreach (var label in LabelsOf(selector.Selector))
                {
                    Enter(byLabel, (groups[group].Metadata.Tenant, label), group, step);
                }

                break;
            case WorkloadClause workload:
                Enter(byWorkload, workload.Workload, group, step);
                break;
            case NetworkClause network:
                Enter(byNetwork, network.Network, group, step);
                break;
            case GroupClause nested:
                Enter(around, numbers[nested.Group], group, step);
                break;
            case CidrClause or FqdnClause:
                foreach (var range in RangesOf(state, clause))
                {
                    Enter(byRange, range, group, step);
                }

                break;
            default:
                always.RemoveAll(g => g == group);
                if (step != Step.TakeOut)
                {
                    always.Add(group);
                }

                break;
        }
    }

    private static IEnumerable<Prefix> RangesOf(State state, Clause clause) => clause switch
    {
        CidrClause cidr => [cidr.Cidr],
        FqdnClause fqdn => state.AddressesOf(fqdn.Fqdn).Select(a => Prefix.Of(a)),
        _ => [],
    };

    /// <summary>Labels one of which every workload has that the selector matches.</summary>
    private static IEnumerable<(string Key, string Value)> LabelsOf(Selector selector)
    {
        var telling = selector.Requirements.FirstOrDefault(r =>
            r.Operator is SelectorOperator.Equals or SelectorOperator.In
            && (r.Key == WorkloadLabels.Tenant || !r.Key.StartsWith(WorkloadLabels.ReservedPrefix, StringComparison.Ordinal)));
        return telling is null ? [AnyLabels] : telling.Values.Select(value => (telling.Key, value));
    }

    /// <summary>The range of this length around an address; null where its family has none so long.</summary>
    private static Prefix? PrefixOf(IpAddress address, int bitLength)
    {
        var length = address.IsIPv4 ? bitLength - 96 : bitLength;
        return length < 0 ? null : Prefix.Of(address, length);
    }

    private static void Enter<TKey>(Dictionary<TKey, List<int>> index, TKey key, int group, Step step)
        where TKey : notnull
    {
        var isThere = index.TryGetValue(key, out var list);
        if (step != Step.Build)
        {
            index[key] = [.. (list ?? []).Where(g => g != group), .. step == Step.PutIn ? new[] { group } : []];
        }
        else if (isThere)
        {
            list!.Add(group); // found
        }
        else
        {
            index.Add(key, [group]);
        }
    }

    private static void Add<TKey>(HashSet<int> found, Dictionary<TKey, List<int>> index, TKey key)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out var list))
        {
            found.UnionWith(list);
        }
    }
}
