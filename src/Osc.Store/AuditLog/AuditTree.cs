using Osc.Audit.Merkle;
using Osc.Model;
using Osc.Store.Files;

namespace Osc.Store.AuditLog;

/// <summary>The Merkle tree over the audit log (RFC 9162): its size is the number of records, and record n is leaf n - 1.</summary>
public sealed class AuditTree
{
    private readonly Database database;

    internal AuditTree(Database database) => this.database = database;

    /// <summary>How many records the log has, archived ones included.</summary>
    public long Size => database.Read(AuditTable.LastSequence);

    /// <param name="size">0 to <see cref="Size"/>.</param>
    public TreeHash Root(long size) => Read(tree => tree.Root(size));

    /// <summary>The hash of a record, also of one that is archived.</summary>
    /// <param name="sequence">1 to <see cref="Size"/>.</param>
    public TreeHash Leaf(long sequence) => database.Read(connection => TreeTable.Read(connection, TreeNode.Leaf(sequence - 1)));

    /// <summary>What stands for the first records where these are not at hand.</summary>
    /// <param name="size">0 to <see cref="Size"/>.</param>
    public ValueList<TreeHash> Peaks(long size) => Read(tree => tree.Peaks(size));

    /// <param name="sequence">1 to <paramref name="size"/>.</param>
    /// <param name="size">Up to <see cref="Size"/>.</param>
    public InclusionProof ProveInclusion(long sequence, long size) => Read(tree => tree.ProveInclusion(sequence - 1, size));

    /// <param name="oldSize">0 to <paramref name="newSize"/>.</param>
    /// <param name="newSize">Up to <see cref="Size"/>.</param>
    public ConsistencyProof ProveConsistency(long oldSize, long newSize) => Read(tree => tree.ProveConsistency(oldSize, newSize));

    private T Read<T>(Func<MerkleTree, T> ask) => database.Read(connection => ask(new(node => TreeTable.Read(connection, node))));
}
