using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Model;
using Osc.Store.Files;

namespace Osc.Store.Access;

/// <summary>The table of codes by which agents enrol: one for a host, each good once.</summary>
internal static class EnrolmentTable
{
    public static void Put(SqliteConnection connection, Name host, byte[] sha256, DateTimeOffset expires) => connection.Execute(
        "insert into enrolment (host, sha256, expires) values (@host, @sha256, @expires) on conflict (host) do update set sha256 = excluded.sha256, expires = excluded.expires",
        new { host = host.Value, sha256, expires = StoredTime.From(expires) });

    /// <summary>Takes a code away.</summary>
    /// <returns>Whether it was this host's, and not expired.</returns>
    public static bool Take(SqliteConnection connection, Name host, byte[] sha256, DateTimeOffset now) => connection.Execute(
        "delete from enrolment where host = @host and sha256 = @sha256 and expires > @now", new { host = host.Value, sha256, now = StoredTime.From(now) }) > 0;
}
