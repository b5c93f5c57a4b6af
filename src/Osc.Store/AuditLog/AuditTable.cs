using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Store.Files;

namespace Osc.Store.AuditLog;

/// <summary>The audit log's table. It only grows.</summary>
internal static class AuditTable
{
    private const string Columns = """
        a.sequence as Sequence, a.time as Time, a.actor as Actor, a.address as Address, a.request_id as RequestId, a.action as Action,
        a.tenant as Tenant, a.kind as Kind, a.name as Name, a.before as Before, a.after as After, a.revision as Revision,
        a.reason as Reason, a.outcome as Outcome
        """;

    private const string Insert = """
        insert into audit (sequence, time, actor, address, request_id, action, tenant, kind, name, before, after, revision, reason, outcome, leaf)
        values (@Sequence, @Time, @Actor, @Address, @RequestId, @Action, @Tenant, @Kind, @Name, @Before, @After, @Revision, @Reason, @Outcome, @Leaf)
        """;

    /// <summary>Gives the records their places at the end of the log.</summary>
    /// <returns>The last record's sequence number.</returns>
    public static long Append(SqliteConnection connection, IReadOnlyList<AuditRecord> records)
    {
        var last = LastSequence(connection);
        connection.Execute(Insert, records.Select((record, i) => Row.Of(record with { Sequence = last + 1 + i })));
        return last + records.Count;
    }

    public static long LastSequence(SqliteConnection connection) => connection.QuerySingle<long>("select coalesce(max(sequence), 0) from audit");

    public static AuditPage Read(SqliteConnection connection, AuditQuery query)
    {
        var statement = AuditStatement.Of(query);
        var rows = connection.Query<Row>($"select {Columns} from {statement.Text}", statement.Values).AsList();

        var items = rows.Take(query.Limit).Select(r => r.ToRecord()).ToList();
        return new(items, rows.Count > query.Limit ? items[^1].Sequence : null);
    }

    private sealed record Row
    {
        public long Sequence { get; init; }

        public long Time { get; init; }

        public required string Actor { get; init; }

        public required string Address { get; init; }

        public required string RequestId { get; init; }

        public required string Action { get; init; }

        public required string Tenant { get; init; }

        public required string Kind { get; init; }

        public required string Name { get; init; }

        public string? Before { get; init; }

        public string? After { get; init; }

        public long Revision { get; init; }

        public required string Reason { get; init; }

        public required string Outcome { get; init; }

        public byte[]? Leaf { get; init; }

        public static Row Of(AuditRecord record) => new()
        {
            Sequence = record.Sequence,
            Time = StoredTime.From(record.Time),
            Actor = record.Actor,
            Address = record.Address,
            RequestId = record.RequestId,
            Action = record.Action,
            Tenant = record.Tenant,
            Kind = record.Kind,
            Name = record.Name,
            Before = record.Before,
            After = record.After,
            Revision = record.Revision.Number,
            Reason = record.Reason,
            Outcome = record.Outcome,
            Leaf = LeafHash.Of(record).ToBytes(),
        };

        public AuditRecord ToRecord() => new()
        {
            Sequence = Sequence,
            Time = StoredTime.To(Time),
            Actor = Actor,
            Address = Address,
            RequestId = RequestId,
            Action = Action,
            Tenant = Tenant,
            Kind = Kind,
            Name = Name,
            Before = Before,
            After = After,
            Revision = new(Revision),
            Reason = Reason,
            Outcome = Outcome,
        };
    }
}
