using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Model;
using Osc.Store.Files;

namespace Osc.Store.Access;

/// <summary>The tables of codes by which agents enrol, one for a host, each good once; and of the keys of those that have.</summary>
internal static class EnrolmentTable
{
    public static void Put(SqliteConnection connection, Name host, byte[] sha256, DateTimeOffset expires) => connection.Execute(
        "insert into enrolment (host, sha256, expires) values (@host, @sha256, @expires) on conflict (host) do update set sha256 = excluded.sha256, expires = excluded.expires",
        new { host = host.Value, sha256, expires = StoredTime.From(expires) });

    /// <summary>Takes a code away.</summary>
    /// <returns>Whether it was this host's, and not expired.</returns>
    public static bool Take(SqliteConnection connection, Name host, byte[] sha256, DateTimeOffset now) => connection.Execute(
        "delete from enrolment where host = @host and sha256 = @sha256 and expires > @now", new { host = host.Value, sha256, now = StoredTime.From(now) }) > 0;

    /// <summary>Notes whose certificate was signed.</summary>
    /// <param name="key">The key's hash.</param>
    public static void PutKey(SqliteConnection connection, Name host, byte[] key, DateTimeOffset now) => connection.Execute(
        "insert into enrolled (host, key, signed_at) values (@host, @key, @now) on conflict (host) do update set key = excluded.key, signed_at = excluded.signed_at",
        new { host = host.Value, key, now = StoredTime.From(now) });

    /// <summary>Notes that a certificate was signed again.</summary>
    /// <returns>Whether it is for the key that the host has, and was not signed a moment ago.</returns>
    public static bool Renew(SqliteConnection connection, Name host, byte[] key, DateTimeOffset now, TimeSpan atLeast) => connection.Execute(
        "update enrolled set signed_at = @now where host = @host and key = @key and signed_at <= @earliest",
        new { host = host.Value, key, now = StoredTime.From(now), earliest = StoredTime.From(now - atLeast) }) > 0;
}
