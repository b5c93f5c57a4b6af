using System.Numerics;
using Osc.Model;

namespace Osc.Audit.Merkle;

/// <summary>Roots and proofs of a tree whose nodes are kept somewhere. Each asks for O(log n) of them.</summary>
/// <param name="stored">Reads a node that the tree has.</param>
public sealed class MerkleTree(Func<TreeNode, TreeHash> stored)
{
    /// <summary>The root over the first leaves (RFC 9162, section 2.1.1).</summary>
    public TreeHash Root(long size) => size == 0 ? TreeHash.Empty : HashOf(0, size);

    /// <summary>The greatest complete subtrees of the first leaves, for <see cref="CompactTree.Resume"/>.</summary>
    public ValueList<TreeHash> Peaks(long size)
    {
        var peaks = new List<TreeHash>();
        for (long begin = 0; begin < size;)
        {
            var level = BitOperations.Log2((ulong)(size - begin));
            peaks.Add(stored(new(level, begin >> level)));
            begin += 1L << level;
        }

        return peaks.ToValueList();
    }

    /// <summary>Proves that a leaf is in the tree of the first leaves (section 2.1.3.1).</summary>
    /// <param name="index">The leaf, counted from 0; below <paramref name="size"/>.</param>
    public InclusionProof ProveInclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<TreeHash>();
        var (begin, end) = (0L, size);
        while (end - begin > 1)
        {
            var middle = begin + Split(end - begin);
            path.Add(index < middle ? HashOf(middle, end) : HashOf(begin, middle));
            (begin, end) = index < middle ? (begin, middle) : (middle, end);
        }

        path.Reverse();
        return new(index, size, path.ToValueList());
    }

    /// <summary>Proves that the tree of the first leaves was only added to (section 2.1.4.1).</summary>
    /// <param name="oldSize">0 to <paramref name="newSize"/>.</param>
    public ConsistencyProof ProveConsistency(long oldSize, long newSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        var path = new List<TreeHash>();
        var (begin, end) = (0L, oldSize == 0 ? 0 : newSize);
        while (end != oldSize && end > begin)
        {
            var middle = begin + Split(end - begin);
            path.Add(oldSize <= middle ? HashOf(middle, end) : HashOf(begin, middle));
            (begin, end) = oldSize <= middle ? (begin, middle) : (middle, end);
        }

        // What is left is the last part of the old tree. If that is the whole old tree, its root is known to whoever verifies.
        if (begin > 0)
        {
            path.Add(HashOf(begin, end));
        }

        path.Reverse();
        return new(oldSize, newSize, path.ToValueList());
    }

    /// <summary>The hash of a subtree that the tree of some size has: a stored one, or one at the right edge, made of stored ones.</summary>
    private TreeHash HashOf(long begin, long end)
    {
        var length = end - begin;
        return BitOperations.IsPow2(length)
            ? stored(new(BitOperations.Log2((ulong)length), begin / length))
            : TreeHash.OfNode(HashOf(begin, begin + Split(length)), HashOf(begin + Split(length), end));
    }

    /// <summary>The greatest power of two below a length above 1.</summary>
    private static long Split(long length) => 1L << BitOperations.Log2((ulong)(length - 1));
}
