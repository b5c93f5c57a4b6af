namespace Osc.Policy.Compile;

/// <summary>
/// Flow priorities for an ordered list of rules, first rule highest. Rules that keep their order keep their priority; new
/// ones go into the gaps. Only when a gap is full is the whole list spread anew.
/// </summary>
internal static class PriorityList
{
    /// <summary>Above every rule stands the pipeline's own flow of the table.</summary>
    public const int Highest = 65_000;

    public const int Lowest = 1;

    /// <param name="order">Rules, first match first.</param>
    /// <param name="old">The priorities that rules had; those of rules that are gone are given up.</param>
    /// <exception cref="InvalidOperationException">There are more rules than priorities.</exception>
    public static Numbers Assign(IReadOnlyList<string> order, Numbers old)
    {
        if (order.Count > Highest - Lowest + 1)
        {
            throw new InvalidOperationException($"a table takes at most {Highest - Lowest + 1} rules, not {order.Count}");
        }

        var assigned = new uint?[order.Count];
        foreach (var i in Order.LongestAscending([.. order.Select(rule => old.ByName.TryGetValue(rule, out var p) ? -(int)p : (int?)null)]))
        {
            assigned[i] = old[order[i]];
        }

        return TryFillGaps(assigned) || TrySpread(assigned)
            ? Numbers.Of(order.Select((rule, i) => KeyValuePair.Create(rule, assigned[i]!.Value))) // both fill every place when they succeed
            : throw new InvalidOperationException("priorities cannot be spread");
    }

    private static bool TrySpread(uint?[] assigned)
    {
        Array.Clear(assigned);
        return TryFillGaps(assigned);
    }

    /// <summary>Gives each run of places without a priority evenly spaced ones between its neighbours'.</summary>
    private static bool TryFillGaps(uint?[] assigned)
    {
        for (var start = 0; start < assigned.Length; start++)
        {
            if (assigned[start] is not null)
            {
                continue;
            }

            var end = start;
            while (end < assigned.Length && assigned[end] is null)
            {
                end++;
            }

            var above = start == 0 ? Highest + 1L : assigned[start - 1]!.Value; // the place before a run is filled
            var below = end == assigned.Length ? Lowest - 1L : assigned[end]!.Value; // so is the one after it
            var count = end - start;
            if (above - below - 1 < count)
            {
                return false;
            }

            for (var i = 0; i < count; i++)
            {
                assigned[start + i] = (uint)(above - ((above - below) * (i + 1) / (count + 1)));
            }

            start = end;
        }

        return true;
    }
}
