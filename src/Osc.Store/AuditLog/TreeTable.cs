using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Audit.Merkle;

namespace Osc.Store.AuditLog;

/// <summary>The nodes of the Merkle tree over the audit log. They are written in the transaction that writes the records.</summary>
internal static class TreeTable
{
    /// <summary>Adds leaves, and what they complete.</summary>
    /// <param name="size">How many leaves there are.</param>
    public static void Append(SqliteConnection connection, long size, IReadOnlyList<TreeHash> leaves)
    {
        using var nodes = new NodeReader(connection);
        var number = TreeNode.CountOf(size);
        using var insert = connection.CreateCommand();
        insert.CommandText = "insert into audit_hash (number, hash) values (@number, @hash)";
        var (numbers, hashes) = (insert.Parameters.Add("@number", SqliteType.Integer), insert.Parameters.Add("@hash", SqliteType.Blob));
        foreach (var hash in TreeGrowth.Append(size, leaves, nodes.Read))
        {
            (numbers.Value, hashes.Value) = (number++, hash.ToBytes());
            insert.ExecuteNonQuery();
        }
    }

    /// <summary>Builds the tree of a log that has none yet, from the hashes that its rows bear.</summary>
    /// <exception cref="InvalidDataException">A record does not have its hash.</exception>
    public static void Build(SqliteConnection connection)
    {
        const int batch = 10_000;
        var leaves = new List<TreeHash>(batch);
        long size = 0;
        using var rows = connection.CreateCommand();
        rows.CommandText = $"select {AuditRow.Columns}, a.leaf from audit a order by a.sequence";
        using (var reader = rows.ExecuteReader())
        {
            while (reader.Read())
            {
                var record = AuditRow.Read(reader);
                var hash = AuditLeaf.HashOf(record);
                if (hash != TreeHash.From(reader.GetFieldValue<byte[]>(AuditRow.Count)))
                {
                    throw new InvalidDataException($"audit record {record.Sequence} is not the one whose hash is beside it");
                }

                leaves.Add(hash);
                if (leaves.Count == batch)
                {
                    Flush();
                }
            }
        }

        Flush();

        void Flush()
        {
            Append(connection, size, leaves);
            size += leaves.Count;
            leaves.Clear();
        }
    }

    /// <summary>Reads nodes by the statement that is prepared once.</summary>
    internal sealed class NodeReader : IDisposable
    {
        private readonly SqliteCommand select;
        private readonly SqliteParameter number;

        public NodeReader(SqliteConnection connection)
        {
            select = connection.CreateCommand();
            select.CommandText = "select hash from audit_hash where number = @number";
            number = select.Parameters.Add("@number", SqliteType.Integer);
        }

        /// <exception cref="InvalidDataException">There is none.</exception>
        public TreeHash Read(TreeNode node)
        {
            number.Value = node.Number;
            return select.ExecuteScalar() is byte[] { Length: TreeHash.Length } hash ? TreeHash.From(hash) : throw new InvalidDataException($"hash {node.Number} of the audit log is missing");
        }

        public void Dispose() => select.Dispose();
    }
}
