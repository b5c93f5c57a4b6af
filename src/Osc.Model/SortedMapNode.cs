namespace Osc.Model;

/// <summary>
/// A node of a <see cref="SortedMap{TKey,TValue}"/>: a leaf holds entries, a branch holds nodes, each under its first key.
/// All leaves are equally deep. A node but the root has at least <see cref="Least"/> and at most <see cref="Most"/> keys.
/// </summary>
internal abstract class SortedMapNode<TKey, TValue>(TKey[] keys)
    where TKey : IComparable<TKey>
{
    private const int Most = 32;
    private const int Least = 8;

    /// <summary>How full nodes are that are made of sorted keys: between the bounds, so that the first changes neither split nor join.</summary>
    private const int Filling = 24;

    private readonly TKey[] keys = keys;

    public TKey FirstKey => keys[0];

    public static SortedMapNode<TKey, TValue> Of(TKey key, TValue value) => new Leaf([key], [value]);

    public static SortedMapNode<TKey, TValue> Above(SortedMapNode<TKey, TValue> left, SortedMapNode<TKey, TValue> right) => Branch.Of([left, right]);

    public static SortedMapNode<TKey, TValue> OfSorted(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        var parts = PartsOf(keys.Length);
        var level = new SortedMapNode<TKey, TValue>[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            level[i] = new Leaf(keys[parts[i]].ToArray(), values[parts[i]].ToArray());
        }

        while (level.Length > 1)
        {
            level = [.. PartsOf(level.Length).Select(part => Branch.Of(level[part]))];
        }

        return level[0];
    }

    /// <summary>The entries from <paramref name="start"/> on.</summary>
    public IEnumerable<KeyValuePair<TKey, TValue>> From(TKey start)
    {
        var path = new Stack<(Branch Branch, int Next)>();
        for (var node = this; node is not null; node = NextOf(path))
        {
            while (node is Branch branch)
            {
                var child = branch.ChildFor(start);
                path.Push((branch, child + 1));
                node = branch.Children[child];
            }

            var leaf = (Leaf)node;
            for (var i = leaf.Position(start); i < leaf.keys.Length; i++)
            {
                yield return new(leaf.keys[i], leaf.Values[i]);
            }
        }
    }

    public abstract bool TryFindFrom(TKey start, ref KeyValuePair<TKey, TValue> pair);

    /// <returns>This node with the entry, in two parts where it would be too large, and whether the key is new.</returns>
    public abstract (SortedMapNode<TKey, TValue> Left, SortedMapNode<TKey, TValue>? Right, bool IsNew) With(TKey key, TValue value);

    /// <returns>This very node if the key is not in it; null if nothing is left; it may be too small.</returns>
    public abstract SortedMapNode<TKey, TValue>? Without(TKey key);

    /// <summary>The node below, as long as it is the only one.</summary>
    public SortedMapNode<TKey, TValue> WithoutLoneParents()
    {
        var node = this;
        while (node is Branch { Children: [var only] })
        {
            node = only;
        }

        return node;
    }

    /// <summary>Two neighbours as one, or as two of the same size where one would be too large.</summary>
    protected abstract SortedMapNode<TKey, TValue>[] JoinedWith(SortedMapNode<TKey, TValue> right);

    private static SortedMapNode<TKey, TValue>? NextOf(Stack<(Branch Branch, int Next)> path)
    {
        while (path.TryPop(out var step))
        {
            if (step.Next < step.Branch.Children.Length)
            {
                path.Push((step.Branch, step.Next + 1));
                return step.Branch.Children[step.Next];
            }
        }

        return null;
    }

    private static Range[] PartsOf(int count)
    {
        var parts = (count + Filling - 1) / Filling;
        return [.. Enumerable.Range(0, parts).Select(i => (int)((long)count * i / parts)..(int)((long)count * (i + 1) / parts))];
    }

    /// <summary>Where the key is, or would be.</summary>
    private int Position(TKey key)
    {
        var (low, high) = (0, keys.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (keys[middle].CompareTo(key) < 0)
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

    private bool HasAt(int position, TKey key) => position < keys.Length && keys[position].CompareTo(key) == 0;

    private static T[] Inserted<T>(T[] items, int at, T item)
    {
        var longer = new T[items.Length + 1];
        items.AsSpan(0, at).CopyTo(longer);
        longer[at] = item;
        items.AsSpan(at).CopyTo(longer.AsSpan(at + 1));
        return longer;
    }

    private static T[] Replaced<T>(T[] items, int at, T item)
    {
        var other = items.AsSpan().ToArray();
        other[at] = item;
        return other;
    }

    private static T[] Removed<T>(T[] items, int at) => [.. items.AsSpan(0, at), .. items.AsSpan(at + 1)];

    private sealed class Leaf(TKey[] keys, TValue[] values) : SortedMapNode<TKey, TValue>(keys)
    {
        public TValue[] Values => values;

        public override bool TryFindFrom(TKey start, ref KeyValuePair<TKey, TValue> pair)
        {
            var at = Position(start);
            if (at == keys.Length)
            {
                return false;
            }

            pair = new(keys[at], values[at]);
            return true;
        }

        public override (SortedMapNode<TKey, TValue> Left, SortedMapNode<TKey, TValue>? Right, bool IsNew) With(TKey key, TValue value)
        {
            var at = Position(key);
            if (HasAt(at, key))
            {
                return (new Leaf(keys, Replaced(values, at, value)), null, false);
            }

            var whole = new Leaf(Inserted(keys, at, key), Inserted(values, at, value));
            return whole.keys.Length <= Most ? (whole, null, true) : (whole.Part(..(Most / 2)), whole.Part((Most / 2)..), true);
        }

        public override SortedMapNode<TKey, TValue>? Without(TKey key)
        {
            var at = Position(key);
            return !HasAt(at, key) ? this : keys.Length == 1 ? null : new Leaf(Removed(keys, at), Removed(values, at));
        }

        protected override SortedMapNode<TKey, TValue>[] JoinedWith(SortedMapNode<TKey, TValue> right)
        {
            var other = (Leaf)right;
            var both = new Leaf([.. keys, .. other.keys], [.. values, .. other.Values]);
            var half = both.keys.Length / 2;
            return both.keys.Length <= Most ? [both] : [both.Part(..half), both.Part(half..)];
        }

        private Leaf Part(Range part) => new(keys[part], values[part]);
    }

    private sealed class Branch(TKey[] keys, SortedMapNode<TKey, TValue>[] children) : SortedMapNode<TKey, TValue>(keys)
    {
        public SortedMapNode<TKey, TValue>[] Children => children;

        public static Branch Of(SortedMapNode<TKey, TValue>[] children) => new([.. children.Select(c => c.FirstKey)], children);

        /// <summary>The child that has the key, if any has it.</summary>
        public int ChildFor(TKey key)
        {
            var at = Position(key);
            return HasAt(at, key) ? at : Math.Max(at - 1, 0);
        }

        public override bool TryFindFrom(TKey start, ref KeyValuePair<TKey, TValue> pair)
        {
            var child = ChildFor(start);
            return children[child].TryFindFrom(start, ref pair) || (child + 1 < children.Length && children[child + 1].TryFindFrom(start, ref pair));
        }

        public override (SortedMapNode<TKey, TValue> Left, SortedMapNode<TKey, TValue>? Right, bool IsNew) With(TKey key, TValue value)
        {
            var child = ChildFor(key);
            var (left, right, isNew) = children[child].With(key, value);
            var changed = Replaced(children, child, left);
            if (right is null)
            {
                return (new Branch(KeysWith(child, left), changed), null, isNew);
            }

            changed = Inserted(changed, child + 1, right);
            return changed.Length <= Most ? (Of(changed), null, isNew) : (Of(changed[..(Most / 2)]), Of(changed[(Most / 2)..]), isNew);
        }

        public override SortedMapNode<TKey, TValue>? Without(TKey key)
        {
            var child = ChildFor(key);
            var smaller = children[child].Without(key);
            if (ReferenceEquals(smaller, children[child]))
            {
                return this;
            }

            if (smaller is null)
            {
                return children.Length == 1 ? null : Of(Removed(children, child));
            }

            if (smaller.keys.Length >= Least || children.Length == 1)
            {
                return new Branch(KeysWith(child, smaller), Replaced(children, child, smaller));
            }

            return child > 0
                ? Of([.. children[..(child - 1)], .. children[child - 1].JoinedWith(smaller), .. children[(child + 1)..]])
                : Of([.. smaller.JoinedWith(children[1]), .. children[2..]]);
        }

        protected override SortedMapNode<TKey, TValue>[] JoinedWith(SortedMapNode<TKey, TValue> right)
        {
            SortedMapNode<TKey, TValue>[] both = [.. children, .. ((Branch)right).Children];
            var half = both.Length / 2;
            return both.Length <= Most ? [Of(both)] : [Of(both[..half]), Of(both[half..])];
        }

        private TKey[] KeysWith(int child, SortedMapNode<TKey, TValue> node) =>
            keys[child].CompareTo(node.FirstKey) == 0 ? keys : Replaced(keys, child, node.FirstKey);
    }
}
