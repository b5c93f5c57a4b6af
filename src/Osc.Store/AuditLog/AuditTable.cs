using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Audit.Merkle;
using Osc.Store.Files;

namespace Osc.Store.AuditLog;

/// <summary>The audit log's table. It only grows.</summary>
internal static class AuditTable
{
    /// <summary>Gives the records their places at the end of the log, and the tree their leaves.</summary>
    /// <returns>The last record's sequence number.</returns>
    public static long Append(SqliteConnection connection, IReadOnlyList<AuditRecord> records)
    {
        var last = LastSequence(connection);
        if (records.Count == 0)
        {
            return last;
        }

        var leaves = new List<TreeHash>(records.Count);
        var insert = AuditRow.PrepareInsert(connection);
        foreach (var record in records)
        {
            var placed = record with { Sequence = last + 1 + leaves.Count };
            AuditRow.Write(insert, placed);
            leaves.Add(AuditLeaf.HashOf(placed));
        }

        TreeTable.Append(connection, last, leaves);
        if ((last + records.Count) / SpanTable.Length > last / SpanTable.Length)
        {
            SpanTable.Extend(connection, last + records.Count);
        }

        return last + records.Count;
    }

    public static long LastSequence(SqliteConnection connection) => (long)connection.Prepared("select coalesce(max(sequence), 0) from audit", 0).ExecuteScalar()!; // an aggregate has a row

    public static AuditStatement StatementOf(SqliteConnection connection, AuditQuery query) =>
        AuditStatement.Of(query, query.From is null && query.To is null ? null : SpanTable.Bounds(connection, query.From, query.To));

    public static AuditPage Read(SqliteConnection connection, AuditQuery query)
    {
        var statement = StatementOf(connection, query);
        var records = new List<AuditRecord>();
        using (var rows = (DbDataReader)connection.ExecuteReader($"select {AuditRow.Columns} from {statement.Text}", statement.Values))
        {
            while (rows.Read())
            {
                records.Add(AuditRow.Read(rows));
            }
        }

        // One more than was asked for tells that a page follows.
        var hasMore = records.Count > query.Limit;
        if (hasMore)
        {
            records.RemoveAt(records.Count - 1);
        }

        return new(records, hasMore ? records[^1].Sequence : null);
    }
}
