using System.Numerics;
using Osc.Model;

namespace Osc.Audit.Merkle;

/// <summary>That a tree is an older one with leaves added at its end, and nothing else: RFC 9162, section 2.1.4.</summary>
public sealed record ConsistencyProof(long OldSize, long NewSize, ValueList<TreeHash> Hashes)
{
    /// <summary>Whether it proves that of trees with these roots (section 2.1.4.2).</summary>
    public bool Proves(TreeHash oldRoot, TreeHash newRoot)
    {
        if (OldSize < 0 || OldSize > NewSize)
        {
            return false;
        }

        if (OldSize == 0 || OldSize == NewSize)
        {
            return Hashes.Count == 0 && oldRoot == (OldSize == 0 ? TreeHash.Empty : newRoot);
        }

        var path = BitOperations.IsPow2(OldSize) ? [oldRoot, .. Hashes] : Hashes.ToArray();
        if (path.Length == 0)
        {
            return false;
        }

        var shared = BitOperations.TrailingZeroCount(OldSize);
        var (node, last) = ((OldSize - 1) >> shared, (NewSize - 1) >> shared);
        var (older, newer) = (path[0], path[0]);
        foreach (var hash in path.AsSpan(1))
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                (older, newer) = (TreeHash.OfNode(hash, older), TreeHash.OfNode(hash, newer));
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                newer = TreeHash.OfNode(newer, hash);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && older == oldRoot && newer == newRoot;
    }
}
