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
    private readonly Dictionary<QualifiedName, int> numbers = [];
    private readonly Dictionary<(Name Tenant, (string Key, string Value) Label), List<int>> byLabel = [];
    private readonly Dictionary<QualifiedName, List<int>> byWorkload = [];
    private readonly Dictionary<QualifiedName, List<int>> byNetwork = [];
    private readonly Dictionary<int, List<int>> around = [];
    private readonly Dictionary<Prefix, List<int>> byRange = [];
    private readonly int[] rangeLengths;

    /// <summary>Groups with a clause that no index knows: they are asked for every address.</summary>
    private readonly List<int> always = [];

    public GroupIndex(State state)
    {
        groups = [.. state.Documents.OfType<SecurityGroupDocument>()];
        foreach (var (number, group) in groups.Index())
        {
            numbers.Add(group.QualifiedName, number);
        }

        foreach (var (number, group) in groups.Index())
        {
            foreach (var clause in group.Members.Concat(group.Except))
            {
                Enter(state, number, clause);
            }
        }

        rangeLengths = [.. byRange.Keys.Select(r => r.BitLength).Distinct()];
    }

    public int Count => groups.Length;

    public SecurityGroupDocument this[int number] => groups[number];

    public int NumberOf(QualifiedName group) => numbers[group];

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

    private void Enter(State state, int group, Clause clause)
    {
        switch (clause)
        {
            case SelectorClause selector:
                foreach (var label in LabelsOf(selector.Selector))
                {
                    Enter(byLabel, (groups[group].Metadata.Tenant, label), group);
                }

                break;
            case WorkloadClause workload:
                Enter(byWorkload, workload.Workload, group);
                break;
            case NetworkClause network:
                Enter(byNetwork, network.Network, group);
                break;
            case GroupClause nested:
                Enter(around, numbers[nested.Group], group);
                break;
            case CidrClause cidr:
                Enter(byRange, cidr.Cidr, group);
                break;
            case FqdnClause fqdn:
                foreach (var address in state.AddressesOf(fqdn.Fqdn))
                {
                    Enter(byRange, Prefix.Of(address), group);
                }

                break;
            default:
                always.Add(group);
                break;
        }
    }

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

    private static void Enter<TKey>(Dictionary<TKey, List<int>> index, TKey key, int group)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var list))
        {
            index.Add(key, list = []);
        }

        list.Add(group);
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
