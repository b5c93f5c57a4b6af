using System.Numerics;

namespace Osc.Audit.Merkle;

/// <summary>
/// A complete subtree: the one over the leaves <c>Index * 2^Level</c> to <c>(Index + 1) * 2^Level - 1</c>, counted from 0. Its hash never changes
/// once its last leaf is there. A tree that grows completes its subtrees in one order, and that is how they are numbered, without a gap:
/// <code>
/// level 2            6
///               /         \
/// level 1      2           5
///            /   \       /   \
/// level 0   0     1     3     4     7       leaves 0 to 4
/// </code>
/// </summary>
public readonly record struct TreeNode(int Level, long Index)
{
    /// <summary>The node's number: leaf n comes after the <see cref="CountOf"/> nodes of the tree of n leaves, and what it completes after it, upwards.</summary>
    public long Number => CountOf(((Index + 1) << Level) - 1) + Level;

    public static TreeNode Leaf(long index) => new(0, index);

    /// <summary>How many complete subtrees a tree of that many leaves has, leaves included.</summary>
    public static long CountOf(long leaves) => (2 * leaves) - BitOperations.PopCount((ulong)leaves);
}
