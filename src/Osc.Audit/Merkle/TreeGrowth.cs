namespace Osc.Audit.Merkle;

/// <summary>What a tree gains with new leaves. Work and reads are in proportion to the new leaves, whatever the size of the tree: on average one more node, and half a read, a leaf.</summary>
public static class TreeGrowth
{
    /// <param name="size">How many leaves the tree has.</param>
    /// <param name="leaves">The new ones' hashes, in order.</param>
    /// <param name="stored">Reads a node of the tree as it is.</param>
    /// <returns>The hashes of all nodes that are new, in the order of their numbers, which go on where those of the tree end.</returns>
    public static IReadOnlyList<TreeHash> Append(long size, IReadOnlyList<TreeHash> leaves, Func<TreeNode, TreeHash> stored)
    {
        var first = TreeNode.CountOf(size);
        var nodes = new List<TreeHash>(leaves.Count * 2);
        foreach (var leaf in leaves)
        {
            var hash = leaf;
            nodes.Add(hash);

            // An odd node is the right child of what it completes.
            for (var node = TreeNode.Leaf(size++); (node.Index & 1) == 1; node = new(node.Level + 1, node.Index >> 1))
            {
                var left = node with { Index = node.Index - 1 };
                hash = TreeHash.OfNode(left.Number < first ? stored(left) : nodes[(int)(left.Number - first)], hash);
                nodes.Add(hash);
            }
        }

        return nodes;
    }
}
