using Dapper;
using Microsoft.Data.Sqlite;

namespace Osc.Store.AuditLog;

/// <summary>How far those have come who follow the log.</summary>
internal static class FollowerTable
{
    /// <returns>The last record that the follower has; 0 for none.</returns>
    public static long Read(SqliteConnection connection, string name) =>
        connection.QuerySingleOrDefault<long?>("select sequence from audit_follower where name = @name", new { name }) ?? 0;

    public static void Set(SqliteConnection connection, string name, long sequence) => connection.Execute(
        "insert into audit_follower (name, sequence) values (@name, @sequence) on conflict (name) do update set sequence = excluded.sequence", new { name, sequence });
}
