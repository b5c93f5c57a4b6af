using System.Data.Common;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Store.Files;

namespace Osc.Store.AuditLog;

/// <summary>A record as a row of the table "audit".</summary>
internal static class AuditRow
{
    /// <summary>How many <see cref="Columns"/> there are.</summary>
    public const int Count = 14;

    /// <summary>Of the table as "a", in the order in which they are read and written.</summary>
    public const string Columns =
        "a.sequence, a.time, a.actor, a.address, a.request_id, a.action, a.tenant, a.kind, a.name, a.before, a.after, a.revision, a.reason, a.outcome";

    private const string Insert = """
        insert into audit (sequence, time, actor, address, request_id, action, tenant, kind, name, before, after, revision, reason, outcome)
        values (@0, @1, @2, @3, @4, @5, @6, @7, @8, @9, @10, @11, @12, @13)
        """;

    public static AuditRecord Read(DbDataReader row) => new()
    {
        Sequence = row.GetInt64(0),
        Time = StoredTime.To(row.GetInt64(1)),
        Actor = row.GetString(2),
        Address = row.GetString(3),
        RequestId = row.GetString(4),
        Action = row.GetString(5),
        Tenant = row.GetString(6),
        Kind = row.GetString(7),
        Name = row.GetString(8),
        Before = row.IsDBNull(9) ? null : row.GetString(9),
        After = row.IsDBNull(10) ? null : row.GetString(10),
        Revision = new(row.GetInt64(11)),
        Reason = row.GetString(12),
        Outcome = row.GetString(13),
    };

    /// <summary>The statement that inserts, for <see cref="Write"/>.</summary>
    public static SqliteCommand PrepareInsert(SqliteConnection connection) => connection.Prepared(Insert, Count);

    public static void Write(SqliteCommand insert, AuditRecord record)
    {
        ReadOnlySpan<object> values =
        [
            record.Sequence, StoredTime.From(record.Time), record.Actor, record.Address, record.RequestId, record.Action, record.Tenant, record.Kind, record.Name,
            (object?)record.Before ?? DBNull.Value, (object?)record.After ?? DBNull.Value, record.Revision.Number, record.Reason, record.Outcome,
        ];
        for (var i = 0; i < values.Length; i++)
        {
            insert.Parameters[i].Value = values[i];
        }

        insert.ExecuteNonQuery();
    }
}
