namespace Osc.Policy.Compile;

/// <summary>What can stay where it is when things change places.</summary>
internal static class Order
{
    /// <summary>The places of a longest strictly ascending subsequence, nulls left out (patience sorting), last first.</summary>
    public static IEnumerable<int> LongestAscending(int?[] values)
    {
        var tails = new List<int>();
        var previous = new int[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value)
            {
                continue;
            }

            var low = 0;
            var high = tails.Count;
            if (high > 0 && values[tails[^1]] < value)
            {
                low = high; // as it mostly is
            }

            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = values[tails[middle]] < value ? (middle + 1, high) : (low, middle);
            }

            previous[i] = low == 0 ? -1 : tails[low - 1];
            if (low == tails.Count)
            {
                tails.Add(i);
            }
            else
            {
                tails[low] = i;
            }
        }

        for (var i = tails.Count == 0 ? -1 : tails[^1]; i >= 0; i = previous[i])
        {
            yield return i;
        }
    }
}
