using System.Numerics;

namespace Osc.Audit.Merkle;

/// <summary>A tree of which only the greatest complete subtrees are kept, at most one of a level: enough to go on adding leaves and to know the root.</summary>
public sealed class CompactTree
{
    private readonly List<TreeHash> peaks;

    /// <summary>A tree without leaves.</summary>
    public CompactTree() => peaks = [];

    private CompactTree(long size, IEnumerable<TreeHash> peaks) => (Size, this.peaks) = (size, [.. peaks]);

    /// <summary>How many leaves it has.</summary>
    public long Size { get; private set; }

    /// <summary>Its greatest complete subtrees, the first leaves' first.</summary>
    public IReadOnlyList<TreeHash> Peaks => peaks;

    public TreeHash Root
    {
        get
        {
            if (peaks.Count == 0)
            {
                return TreeHash.Empty;
            }

            var root = peaks[^1];
            for (var i = peaks.Count - 2; i >= 0; i--)
            {
                root = TreeHash.OfNode(peaks[i], root);
            }

            return root;
        }
    }

    /// <summary>Goes on from what another one kept.</summary>
    /// <returns>null if there are not as many peaks as a tree of this size has.</returns>
    public static CompactTree? Resume(long size, IReadOnlyList<TreeHash> peaks) =>
        size >= 0 && BitOperations.PopCount((ulong)size) == peaks.Count ? new(size, peaks) : null;

    public void Append(TreeHash leaf)
    {
        for (var size = Size; (size & 1) == 1; size >>= 1)
        {
            leaf = TreeHash.OfNode(peaks[^1], leaf);
            peaks.RemoveAt(peaks.Count - 1);
        }

        peaks.Add(leaf);
        Size++;
    }
}
