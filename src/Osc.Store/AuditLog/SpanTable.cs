using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Store.Files;

namespace Osc.Store.AuditLog;

/// <summary>
/// From when to when each thousand records are. The log is in the order of its sequence, and times go back when a clock is set, so a search by time goes through the
/// log; this says where it can begin and end. The last records, less than a thousand, are in no span yet.
/// </summary>
internal static class SpanTable
{
    public const int Length = 1_000;

    /// <summary>Notes the spans that new records have completed.</summary>
    public static void Extend(SqliteConnection connection, long last)
    {
        var covered = Covered(connection);
        if (last / Length * Length > covered)
        {
            connection.Execute(
                """
                insert into audit_span (number, earliest, latest)
                select (sequence - 1) / @Length, min(time), max(time) from audit where sequence > @covered and sequence <= @last group by 1
                """,
                new { Length, covered, last = last / Length * Length });
        }
    }

    /// <summary>The first and the last sequence number between which all records from a time to another are. If there are none, the first is greater than the last.</summary>
    public static (long First, long Last) Bounds(SqliteConnection connection, DateTimeOffset? from, DateTimeOffset? to)
    {
        var times = new { from = StoredTime.From(from) ?? long.MinValue, to = StoredTime.From(to) ?? long.MaxValue, covered = Covered(connection) };
        var (least, greatest) = connection.QuerySingle<(long? Least, long? Greatest)>(
            "select min(number), max(number) from audit_span where latest >= @from and earliest < @to", times);
        var inTail = connection.QuerySingle<bool>("select exists (select 1 from audit where sequence > @covered and time >= @from and time < @to)", times);
        return (least is { } first ? (first * Length) + 1 : times.covered + 1, inTail ? long.MaxValue : greatest is { } last ? (last + 1) * Length : times.covered);
    }

    private static long Covered(SqliteConnection connection) => connection.QuerySingle<long>("select coalesce(max(number) + 1, 0) from audit_span") * Length;
}
