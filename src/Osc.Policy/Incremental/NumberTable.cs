using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

internal static class NumberTable
{
    /// <summary>What keeps track of a change keeps room for so many names, and not for as many as a host's first flows brought.</summary>
    public const int KeptCapacity = 100;
}

/// <summary>
/// Numbers for names that are in use, counted by users. A number given up stays its name's until the change is settled: it
/// is taken again by the same name and by no other, so that no flow changes its meaning, and a change that is taken back
/// leaves every number as it was.
/// </summary>
internal sealed class NumberTable<TName>(uint max)
    where TName : notnull
{
    private readonly Dictionary<TName, (uint Number, int Users)> numbers = [];
    private readonly Dictionary<TName, uint> released = [];

    /// <summary>Names that the open change has brought, whether or not they are there still.</summary>
    private readonly HashSet<TName> fresh = [];
    private readonly SortedSet<uint> holes = [];
    private uint next = 1;

    public uint this[TName name] => numbers[name].Number;

    /// <summary>Whether the open change has brought names or taken some away.</summary>
    private bool HasChanged => fresh.Count + released.Count > 0;

    public IEnumerable<KeyValuePair<TName, uint>> All => numbers.Select(n => KeyValuePair.Create(n.Key, n.Value.Number));

    /// <summary>What the open change has done so far: names with their new numbers, or <see cref="HostNumberingChange.GivenUp"/>.</summary>
    public IEnumerable<KeyValuePair<TName, uint>> Changes =>
        fresh.Where(numbers.ContainsKey).Select(n => KeyValuePair.Create(n, numbers[n].Number))
            .Concat(released.Keys.Where(n => !fresh.Contains(n)).Select(n => KeyValuePair.Create(n, HostNumberingChange.GivenUp)));

    /// <summary>Numbers that names have from before, without users yet.</summary>
    public void Load(IEnumerable<KeyValuePair<TName, uint>> old)
    {
        var used = new HashSet<uint>();
        foreach (var (name, number) in old)
        {
            numbers.Add(name, (number, 0));
            used.Add(number);
            next = Math.Max(next, number + 1);
        }

        for (var number = 1u; number < next; number++)
        {
            if (!used.Contains(number))
            {
                holes.Add(number);
            }
        }
    }

    /// <exception cref="InvalidOperationException">There are no numbers left.</exception>
    public uint Acquire(TName name)
    {
        if (numbers.TryGetValue(name, out var known))
        {
            numbers[name] = known with { Users = known.Users + 1 };
            return known.Number;
        }

        if (!released.Remove(name, out var number))
        {
            number = holes.Count > 0 ? holes.Min : next;
            if (!holes.Remove(number) && ++next > max)
            {
                throw new InvalidOperationException($"more than {max} numbers are needed");
            }

            fresh.Add(name);
        }

        numbers.Add(name, (number, 1));
        return number;
    }

    public void Release(TName name)
    {
        var (number, users) = numbers[name];
        if (users > 1)
        {
            numbers[name] = (number, users - 1);
            return;
        }

        numbers.Remove(name);
        released.Add(name, number);
    }

    /// <summary>Frees the numbers that were given up.</summary>
    public void Settle()
    {
        if (!HasChanged)
        {
            return;
        }

        holes.UnionWith(released.Values);
        released.Clear();
        fresh.Clear();
        if (Math.Max(fresh.Capacity, released.Capacity) > NumberTable.KeptCapacity)
        {
            released.TrimExcess();
            fresh.TrimExcess();
        }
    }
}
