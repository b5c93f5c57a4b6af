using Osc.Model;

namespace Osc.Policy.Compile;

/// <summary>The fewest prefixes that have the same addresses as others: none inside another, two halves as their whole.</summary>
internal static class PrefixUnion
{
    public static IReadOnlyList<Prefix> Of(IEnumerable<Prefix> prefixes)
    {
        var merged = new List<Prefix>();
        foreach (var prefix in prefixes.Order())
        {
            if (merged.Count > 0 && merged[^1].Contains(prefix))
            {
                continue;
            }

            merged.Add(prefix);
            while (merged.Count > 1 && ParentOf(merged[^1]) is { } whole && ParentOf(merged[^2]) == whole)
            {
                merged.RemoveRange(merged.Count - 2, 2);
                merged.Add(whole);
            }
        }

        return merged;
    }

    /// <summary>The prefix of the same family that a prefix is one half of; null if it is all of its family.</summary>
    public static Prefix? ParentOf(Prefix prefix) => prefix.Length == 0 ? null : Prefix.Of(prefix.Network, prefix.Length - 1);
}
