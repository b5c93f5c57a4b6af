using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Osc.Model;

/// <summary>
/// An immutable map in key order. What is made of a map shares all but a few nodes with it: a look-up and a change cost the
/// logarithm of the size, and the older map stays as it was.
/// </summary>
/// <remarks>
/// A B+-tree of small sorted arrays. Beside the framework's balanced binary tree it takes a third of the memory, is built
/// from sorted keys by copying, and reads a run of keys from arrays that lie in one piece.
/// </remarks>
public sealed class SortedMap<TKey, TValue> : IReadOnlyCollection<KeyValuePair<TKey, TValue>>
    where TKey : IComparable<TKey>
{
    public static readonly SortedMap<TKey, TValue> Empty = new(null, 0);

    private readonly SortedMapNode<TKey, TValue>? root;

    private SortedMap(SortedMapNode<TKey, TValue>? root, int count)
    {
        this.root = root;
        Count = count;
    }

    public int Count { get; }

    /// <summary>The values in key order.</summary>
    public IEnumerable<TValue> Values => this.Select(p => p.Value);

    public bool ContainsKey(TKey key) => TryFind(key, out _);

    public bool TryFind(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var found = TryFindFrom(key, out var pair) && pair.Key.CompareTo(key) == 0;
        value = found ? pair.Value : default;
        return found;
    }

    /// <summary>The first entry whose key is <paramref name="start"/> or comes after it.</summary>
    public bool TryFindFrom(TKey start, out KeyValuePair<TKey, TValue> pair)
    {
        pair = default;
        return root is not null && root.TryFindFrom(start, ref pair);
    }

    /// <summary>The entries from <paramref name="start"/> on, in key order.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> From(TKey start) => root is null ? [] : root.From(start);

    /// <summary>The map with this entry, in place of one with the same key.</summary>
    public SortedMap<TKey, TValue> With(TKey key, TValue value)
    {
        if (root is null)
        {
            return new(SortedMapNode<TKey, TValue>.Of(key, value), 1);
        }

        var (left, right, added) = root.With(key, value);
        return new(right is null ? left : SortedMapNode<TKey, TValue>.Above(left, right), added ? Count + 1 : Count);
    }

    /// <summary>The map without the entry of this key; the same map if there is none.</summary>
    public SortedMap<TKey, TValue> Without(TKey key)
    {
        var left = root?.Without(key);
        return ReferenceEquals(left, root) ? this : left is null ? Empty : new(left.WithoutLoneParents(), Count - 1);
    }

    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => (root is null ? [] : root.From(root.FirstKey)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static SortedMap<TKey, TValue> OfSorted(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values) =>
        keys.IsEmpty ? Empty : new(SortedMapNode<TKey, TValue>.OfSorted(keys, values), keys.Length);
}

/// <summary>Collects the entries of a <see cref="SortedMap{TKey,TValue}"/> in any order. No two may have the same key.</summary>
public sealed class SortedMapBuilder<TKey, TValue>
    where TKey : IComparable<TKey>
{
    private readonly List<TKey> keys = [];
    private readonly List<TValue> values = [];
    private bool inOrder = true;

    public void Add(TKey key, TValue value)
    {
        inOrder = inOrder && (keys.Count == 0 || keys[^1].CompareTo(key) < 0);
        keys.Add(key);
        values.Add(value);
    }

    /// <exception cref="ArgumentException">Two entries have the same key.</exception>
    public SortedMap<TKey, TValue> ToMap()
    {
        var (sortedKeys, sortedValues) = (keys.ToArray(), values.ToArray());
        if (!inOrder)
        {
            Array.Sort(sortedKeys, sortedValues);
        }

        for (var i = 1; i < sortedKeys.Length && !inOrder; i++)
        {
            if (sortedKeys[i - 1].CompareTo(sortedKeys[i]) == 0)
            {
                throw new ArgumentException($"the key {sortedKeys[i]} is there twice");
            }
        }

        return SortedMap<TKey, TValue>.OfSorted(sortedKeys, sortedValues);
    }
}
