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
        $"select {Columns} from revision where time <= @time order by time desc, number desc limit 1", new { time = StoredTime.From(time) })?.ToInfo();

    /// <param name="before">Only older ones; null for the newest.</param>
    public static RevisionPage Read(SqliteConnection connection, Revision? before, int limit)
    {
        var rows = connection.Query<Row>(
            $"select {Columns} from revision where number < @before order by number desc limit @limit",
            new { before = before?.Number ?? long.MaxValue, limit = limit + 1 }).AsList();

        var items = rows.Take(limit).Select(r => r.ToInfo()).ToList();
        return new(items, rows.Count > limit ? items[^1].Revision : null);
    }

    private sealed record Row(long Number, long Time, string Actor, string Reason, long Changes)
    {
        public RevisionInfo ToInfo() => new(new(Number), StoredTime.To(Time), Actor, Reason, (int)Changes);
    }
}
