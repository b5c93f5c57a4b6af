using System.Numerics;

namespace Osc.Policy.Verify.Sets;

/// <summary>The numbers from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public readonly record struct Interval<T>(T First, T Last)
    where T : struct, IBinaryInteger<T>;

/// <summary>
/// Sets of numbers as intervals in ascending order that neither overlap nor touch, so that equal sets are equal arrays.
/// Every operation is linear in its operands.
/// </summary>
internal static class Intervals
{
    /// <summary>The canonical form of any intervals, in any order.</summary>
    public static Interval<T>[] Normalize<T>(List<Interval<T>> intervals)
        where T : struct, IBinaryInteger<T>
    {
        intervals.Sort(static (a, b) => a.First.CompareTo(b.First));
        var result = new List<Interval<T>>(intervals.Count);
        foreach (var interval in intervals)
        {
            Append(result, interval);
        }

        return [.. result];
    }

    public static Interval<T>[] Union<T>(ReadOnlySpan<Interval<T>> left, ReadOnlySpan<Interval<T>> right)
        where T : struct, IBinaryInteger<T>
    {
        var result = new List<Interval<T>>(left.Length + right.Length);
        int i = 0, j = 0;
        while (i < left.Length || j < right.Length)
        {
            var takeLeft = j == right.Length || (i < left.Length && left[i].First <= right[j].First);
            Append(result, takeLeft ? left[i++] : right[j++]);
        }

        return [.. result];
    }

    public static Interval<T>[] Intersect<T>(ReadOnlySpan<Interval<T>> left, ReadOnlySpan<Interval<T>> right)
        where T : struct, IBinaryInteger<T>
    {
        var result = new List<Interval<T>>();
        int i = FirstReaching(left, right), j = FirstReaching(right, left);
        while (i < left.Length && j < right.Length)
        {
            var first = T.Max(left[i].First, right[j].First);
            var last = T.Min(left[i].Last, right[j].Last);
            if (first <= last)
            {
                result.Add(new(first, last));
            }

            if (left[i].Last < right[j].Last)
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return [.. result];
    }

    public static Interval<T>[] Subtract<T>(ReadOnlySpan<Interval<T>> left, ReadOnlySpan<Interval<T>> right)
        where T : struct, IBinaryInteger<T>
    {
        var result = new List<Interval<T>>(left.Length);
        var j = 0;
        foreach (var interval in left)
        {
            var first = interval.First;
            var open = true;
            while (j < right.Length && right[j].Last < first)
            {
                j++;
            }

            for (var k = j; open && k < right.Length && right[k].First <= interval.Last; k++)
            {
                if (right[k].First > first)
                {
                    result.Add(new(first, right[k].First - T.One));
                }

                open = right[k].Last < interval.Last;
                first = open ? right[k].Last + T.One : first;
            }

            if (open)
            {
                result.Add(new(first, interval.Last));
            }
        }

        return [.. result];
    }

    public static bool Contains<T>(ReadOnlySpan<Interval<T>> set, T value)
        where T : struct, IBinaryInteger<T>
    {
        var at = FirstEndingAtOrAfter(set, value);
        return at < set.Length && set[at].First <= value;
    }

    public static bool Overlap<T>(ReadOnlySpan<Interval<T>> left, ReadOnlySpan<Interval<T>> right)
        where T : struct, IBinaryInteger<T>
    {
        int i = FirstReaching(left, right), j = FirstReaching(right, left);
        while (i < left.Length && j < right.Length)
        {
            if (left[i].Last < right[j].First)
            {
                i++;
            }
            else if (right[j].Last < left[i].First)
            {
                j++;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The index of the first interval that ends at a value or after it.</summary>
    public static int FirstEndingAtOrAfter<T>(ReadOnlySpan<Interval<T>> set, T value)
        where T : struct, IBinaryInteger<T>
    {
        int low = 0, high = set.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (set[middle].Last < value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Skips what lies before the other set, so that a small set is found in a large one without walking it.</summary>
    private static int FirstReaching<T>(ReadOnlySpan<Interval<T>> set, ReadOnlySpan<Interval<T>> other)
        where T : struct, IBinaryInteger<T> => other.IsEmpty ? set.Length : FirstEndingAtOrAfter(set, other[0].First);

    /// <summary>Adds an interval that begins at or after the beginning of the last one.</summary>
    private static void Append<T>(List<Interval<T>> result, Interval<T> interval)
        where T : struct, IBinaryInteger<T>
    {
        if (result.Count > 0 && (interval.First <= result[^1].Last || interval.First - T.One == result[^1].Last))
        {
            if (interval.Last > result[^1].Last)
            {
                result[^1] = new(result[^1].First, interval.Last);
            }
        }
        else
        {
            result.Add(interval);
        }
    }
}
