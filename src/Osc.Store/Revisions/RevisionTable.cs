using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Model;
using Osc.Store.Files;

namespace Osc.Store.Revisions;

/// <summary>The table of revisions: 1, 2, 3, ... without a gap.</summary>
internal static class RevisionTable
{
    private const string Columns = "number as Number, time as Time, actor as Actor, reason as Reason, changes as Changes";

    public static Revision ReadCurrent(SqliteConnection connection) =>
        new(connection.QuerySingle<long>("select coalesce(max(number), 0) from revision"));

    public static void Append(SqliteConnection connection, RevisionInfo info) => connection.Execute(
        "insert into revision (number, time, actor, reason, changes) values (@Number, @Time, @Actor, @Reason, @Changes)",
        new Row(info.Revision.Number, StoredTime.From(info.Time), info.Actor, info.Reason, info.Changes));

    public static RevisionInfo? Find(SqliteConnection connection, Revision revision) =>
        connection.QuerySingleOrDefault<Row>($"select {Columns} from revision where number = @Number", new { revision.Number })?.ToInfo();

    public static RevisionInfo? FindAt(SqliteConnection connection, DateTimeOffset time) => connection.QuerySingleOrDefault<Row>(
        // By number, and not by the index of times: after the clock was set back, later revisions have earlier times.
        $"select {Columns} from revision where +time <= @time order by number desc limit 1", new { time = StoredTime.From(time) })?.ToInfo();

    /// <param name="before">Only older ones; null for the newest.</param>
    /// <param name="scope">Only those that changed documents of these tenants, and how many of theirs; null: all.</param>
    public static RevisionPage Read(SqliteConnection connection, Revision? before, int limit, TenantScope? scope)
    {
        var values = new DynamicParameters(new { before = before?.Number ?? long.MaxValue, limit = limit + 1 });
        var (changes, concerns) = scope is null ? ("changes", "1") : ($"({ChangesOf("number", scope, values)})", $"exists ({ChangedIn("number", scope, values)})");
        var rows = connection.Query<Row>(
            $"select number as Number, time as Time, actor as Actor, reason as Reason, {changes} as Changes from revision where number < @before and {concerns} order by number desc limit @limit",
            values).AsList();

        var items = rows.Take(limit).Select(r => r.ToInfo()).ToList();
        return new(items, rows.Count > limit ? items[^1].Revision : null);
    }

    /// <summary>Whether a revision changed a document of these tenants.</summary>
    public static bool Concerns(SqliteConnection connection, Revision revision, TenantScope scope)
    {
        var values = new DynamicParameters(new { revision.Number });
        return connection.QuerySingle<long>($"select exists ({ChangedIn("@Number", scope, values)})", values) != 0;
    }

    /// <summary>Documents of these tenants that begin, or end without being followed, at a revision.</summary>
    internal static string ChangedIn(string revision, TenantScope scope, DynamicParameters values)
    {
        var condition = scope.Condition("d.tenant", values);
        return $"""
            select 1 from document d where d.valid_from = {revision} and {condition}
            union all
            select 1 from document d where d.valid_to = {revision} and {condition}
                and not exists (select 1 from document n where n.tenant = d.tenant and n.kind = d.kind and n.name = d.name and n.valid_from = {revision})
            """;
    }

    private static string ChangesOf(string revision, TenantScope scope, DynamicParameters values) => $"select count(*) from ({ChangedIn(revision, scope, values)})";

    private sealed record Row(long Number, long Time, string Actor, string Reason, long Changes)
    {
        public RevisionInfo ToInfo() => new(new(Number), StoredTime.To(Time), Actor, Reason, (int)Changes);
    }
}
