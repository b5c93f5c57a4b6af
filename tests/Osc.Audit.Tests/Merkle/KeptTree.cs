using Osc.Audit.Merkle;

namespace Osc.Audit.Tests.Merkle;

/// <summary>A tree whose nodes are kept in a list, by number, and that counts how often it is asked for one.</summary>
internal sealed class KeptTree
{
    private readonly List<TreeHash> nodes = [];

    public KeptTree() => Tree = new(Read);

    public MerkleTree Tree { get; }

    public long Size { get; private set; }

    public int Reads { get; private set; }

    public static KeptTree Of(IReadOnlyList<byte[]> leaves)
    {
        var kept = new KeptTree();
        kept.Append(leaves);
        return kept;
    }

    public void Append(IReadOnlyList<byte[]> leaves)
    {
        nodes.AddRange(TreeGrowth.Append(Size, [.. leaves.Select(l => TreeHash.OfLeaf(l))], Read));
        Size += leaves.Count;
    }

    public int Count => nodes.Count;

    private TreeHash Read(TreeNode node)
    {
        Reads++;
        return nodes[(int)node.Number];
    }
}
