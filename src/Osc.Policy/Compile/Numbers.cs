using System.Collections.Immutable;

namespace Osc.Policy.Compile;

/// <summary>Small numbers for names, kept for as long as the name is wanted, so that flows which carry them need not change.</summary>
public sealed class Numbers
{
    public static readonly Numbers None = new(ImmutableSortedDictionary.Create<string, uint>(StringComparer.Ordinal));

    private Numbers(ImmutableSortedDictionary<string, uint> byName) => ByName = byName;

    public ImmutableSortedDictionary<string, uint> ByName { get; }

    /// <exception cref="KeyNotFoundException">The name has no number.</exception>
    public uint this[string name] => ByName[name];

    public static Numbers Of(IEnumerable<KeyValuePair<string, uint>> numbers) => new(numbers.ToImmutableSortedDictionary(StringComparer.Ordinal));

    /// <summary>
    /// Numbers for exactly these names: old ones keep theirs, new ones take, in name order, the lowest that were not in use
    /// before. A number given up in this step is not taken again in it, so that no flow changes its meaning under a connection.
    /// </summary>
    /// <param name="wanted">The names that need a number.</param>
    /// <param name="max">The largest number there is; the smallest is 1.</param>
    /// <exception cref="InvalidOperationException">There are more names than numbers.</exception>
    public Numbers For(IEnumerable<string> wanted, uint max = int.MaxValue)
    {
        var names = wanted.ToHashSet(StringComparer.Ordinal);
        var kept = ByName.Where(p => names.Contains(p.Key)).ToImmutableSortedDictionary(StringComparer.Ordinal).ToBuilder();
        var used = ByName.Values.ToHashSet();
        var next = 1u;
        foreach (var name in names.Where(n => !kept.ContainsKey(n)).Order(StringComparer.Ordinal))
        {
            while (used.Contains(next))
            {
                next++;
            }

            if (next > max)
            {
                throw new InvalidOperationException($"more than {max} numbers are needed");
            }

            kept.Add(name, next++);
        }

        return new(kept.ToImmutable());
    }
}
