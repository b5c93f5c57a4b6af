namespace Osc.Policy.Incremental;

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
    private readonly SortedSet<uint> holes = [];
    private uint next = 1;

    public uint this[TName name] => numbers[name].Number;

    /// <summary>Whether the open change has brought names or taken some away.</summary>
    public bool HasChanged { get; private set; }

    public IEnumerable<KeyValuePair<TName, uint>> All => numbers.Select(n => KeyValuePair.Create(n.Key, n.Value.Number));

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
        }

        HasChanged = true;
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
        HasChanged = true;
        released.Add(name, number);
    }

    /// <summary>Frees the numbers that were given up.</summary>
    public void Settle()
    {
        if (!HasChanged)
        {
            return;
        }

        HasChanged = false;
        holes.UnionWith(released.Values);
        released.Clear();
    }
}
