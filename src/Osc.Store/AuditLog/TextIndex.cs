using Dapper;
using Microsoft.Data.Sqlite;

namespace Osc.Store.AuditLog;

/// <summary>The full-text index of the audit log. It is made from the log, follows it, and is brought up to it before it is asked.</summary>
internal static class TextIndex
{
    /// <summary>So many records are indexed in one transaction: some ten milliseconds, for which others wait.</summary>
    public const int Batch = 250;

    /// <summary>Indexes the next records.</summary>
    /// <returns>Whether there may be more.</returns>
    public static bool Extend(SqliteConnection connection) => connection.Execute(
        """
        insert into audit_text (rowid, actor, address, request_id, action, tenant, kind, name, before, after, reason, outcome)
        select sequence, actor, address, request_id, action, tenant, kind, name, before, after, reason, outcome
        from audit where sequence > @last order by sequence limit @Batch
        """,
        new { last = LastIndexed(connection), Batch }) == Batch;

    public static bool IsBehind(SqliteConnection connection) => LastIndexed(connection) < AuditTable.LastSequence(connection);

    /// <summary>The index itself, asked for its rows, would read the log's.</summary>
    public static long LastIndexed(SqliteConnection connection) => connection.QuerySingle<long>("select coalesce(max(id), 0) from audit_text_docsize");
}
