using System.Numerics;

namespace Osc.Policy.Verify.Proof;

/// <summary>Sets of small numbers as words. null stands for all of them.</summary>
internal static class ClassBits
{
    public static ulong[] Of(int count, Func<int, bool> holds)
    {
        var bits = new ulong[(count + 63) / 64];
        for (var i = 0; i < count; i++)
        {
            if (holds(i))
            {
                Set(bits, i);
            }
        }

        return bits;
    }

    public static void Set(ulong[] bits, int i) => bits[i / 64] |= 1UL << (i % 64);

    public static bool Has(ulong[]? bits, int i) => bits is null || (bits[i / 64] & (1UL << (i % 64))) != 0;

    public static ulong[]? And(ulong[]? left, ulong[]? right)
    {
        if (left is null || right is null)
        {
            return left ?? right;
        }

        var result = new ulong[left.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = left[i] & right[i];
        }

        return result;
    }

    public static ulong[]? Or(ulong[]? left, ulong[]? right)
    {
        if (left is null || right is null)
        {
            return null;
        }

        var result = new ulong[left.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = left[i] | right[i];
        }

        return result;
    }

    public static bool Overlap(ulong[] left, ulong[] right)
    {
        for (var i = 0; i < left.Length; i++)
        {
            if ((left[i] & right[i]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    public static bool IsEmpty(ulong[]? bits) => bits is not null && Array.TrueForAll(bits, w => w == 0);

    public static bool AreEqual(ulong[]? left, ulong[]? right) => left is null || right is null ? left == right : left.AsSpan().SequenceEqual(right);

    public static IEnumerable<int> Members(ulong[] bits)
    {
        for (var word = 0; word < bits.Length; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1)
            {
                yield return (word * 64) + BitOperations.TrailingZeroCount(rest);
            }
        }
    }
}

/// <summary>Words compared by value.</summary>
internal readonly struct WordKey(ulong[] words) : IEquatable<WordKey>
{
    public ulong[] Words => words;

    public bool Equals(WordKey other) => words.AsSpan().SequenceEqual(other.Words);

    public override bool Equals(object? obj) => obj is WordKey other && Equals(other);

    public override int GetHashCode()
    {
        var hash = 14695981039346656037UL;
        foreach (var word in words)
        {
            hash = (hash ^ word) * 1099511628211UL;
            hash ^= hash >> 29;
        }

        return (int)(hash ^ (hash >> 32));
    }
}
