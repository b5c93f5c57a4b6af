using Dapper;
using Microsoft.Data.Sqlite;

namespace Osc.Store.AuditLog;

/// <summary>What records are counted by.</summary>
public enum AuditCountBy
{
    /// <summary>The day, in UTC: 2026-01-31.</summary>
    Day,
    Actor,
    Action,
    Tenant,
    Kind,
}

/// <param name="Value">The day, the actor, and so on.</param>
public sealed record AuditCount(string Value, long Records);

/// <summary>Counts records that a query asks for.</summary>
internal static class AuditCounts
{
    /// <summary>At most so many values: the most frequent ones, or the newest days.</summary>
    private const int MaxValues = 1_000;

    public static IReadOnlyList<AuditCount> Read(SqliteConnection connection, AuditQuery query, AuditCountBy by)
    {
        var statement = AuditTable.StatementOf(connection, query);
        var (value, order) = by switch
        {
            AuditCountBy.Day => ("date(a.time / 1000000, 'unixepoch')", "1 desc"),
            AuditCountBy.Actor => ("a.actor", "2 desc, 1"),
            AuditCountBy.Action => ("a.action", "2 desc, 1"),
            AuditCountBy.Tenant => ("a.tenant", "2 desc, 1"),
            AuditCountBy.Kind => ("a.kind", "2 desc, 1"),
            _ => throw new ArgumentOutOfRangeException(nameof(by)),
        };
        return connection.Query<(string Value, long Records)>(
            $"select {value} as Value, count(*) as Records from {statement.Source} group by 1 order by {order} limit {MaxValues}", statement.Values).Select(row => new AuditCount(row.Value, row.Records)).ToList();
    }
}
