using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Audit.Merkle;
using Osc.Store.Files;

namespace Osc.Store.AuditLog;

/// <summary>The nodes of the Merkle tree over the audit log. They are written in the transaction that writes the records.</summary>
internal static class TreeTable
{
    /// <summary>Adds leaves, and what they complete.</summary>
    /// <param name="size">How many leaves there are.</param>
    public static void Append(SqliteConnection connection, long size, IReadOnlyList<TreeHash> leaves)
    {
        var number = TreeNode.CountOf(size);
        var insert = connection.Prepared("insert into audit_hash (number, hash) values (@0, @1)", 2);
        foreach (var hash in TreeGrowth.Append(size, leaves, node => Read(connection, node)))
        {
            (insert.Parameters[0].Value, insert.Parameters[1].Value) = (number++, hash.ToBytes());
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

    /// <exception cref="InvalidDataException">There is no such node.</exception>
    public static TreeHash Read(SqliteConnection connection, TreeNode node)
    {
        var select = connection.Prepared("select hash from audit_hash where number = @0", 1);
        select.Parameters[0].Value = node.Number;
        return select.ExecuteScalar() is byte[] { Length: TreeHash.Length } hash ? TreeHash.From(hash) : throw new InvalidDataException($"hash {node.Number} of the audit log is missing");
    }
}
