using Osc.Model;

namespace Osc.Audit.Merkle;

/// <summary>That a leaf is in a tree: RFC 9162, section 2.1.3.</summary>
/// <param name="Index">The leaf, counted from 0.</param>
/// <param name="Size">The tree's number of leaves.</param>
/// <param name="Hashes">From the leaf's sibling up.</param>
public sealed record InclusionProof(long Index, long Size, ValueList<TreeHash> Hashes)
{
    /// <summary>Whether the tree with this root has this leaf at this place (section 2.1.3.2).</summary>
    public bool Proves(TreeHash leaf, TreeHash root)
    {
        if (Index < 0 || Index >= Size)
        {
            return false;
        }

        var (node, last, hash) = (Index, Size - 1, leaf);
        foreach (var sibling in Hashes)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = TreeHash.OfNode(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                hash = TreeHash.OfNode(hash, sibling);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && hash == root;
    }
}
