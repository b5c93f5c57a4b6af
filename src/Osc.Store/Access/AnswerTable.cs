using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Store.Files;

namespace Osc.Store.Access;

/// <summary>The table of answers to repeatable requests. Those that are older than <see cref="Kept"/> do not count, and go when another one comes. One that did not count when it was looked for does not stand in the way of its successor, whatever became of the clock in between.</summary>
internal static class AnswerTable
{
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    public static StoredAnswer? Find(SqliteConnection connection, string identity, string key, DateTimeOffset now) => connection.QuerySingleOrDefault<Row>(
        "select identity as Identity, key as Key, fingerprint as Fingerprint, status as Status, headers as Headers, body as Body from answer where identity = @identity and key = @key and time > @after",
        new { identity, key, after = StoredTime.From(now - Kept) })?.ToAnswer();

    public static void Insert(SqliteConnection connection, StoredAnswer answer, DateTimeOffset now)
    {
        connection.Execute("delete from answer where time <= @before", new { before = StoredTime.From(now - Kept) });
        connection.Execute(
            "insert or replace into answer (identity, key, fingerprint, time, status, headers, body) values (@Identity, @Key, @Fingerprint, @Time, @Status, @Headers, @Body)",
            new { answer.Identity, answer.Key, Fingerprint = answer.Fingerprint.ToArray(), Time = StoredTime.From(now), answer.Status, answer.Headers, answer.Body });
    }

    private sealed record Row
    {
        public required string Identity { get; init; }

        public required string Key { get; init; }

        public required byte[] Fingerprint { get; init; }

        public long Status { get; init; }

        public required string Headers { get; init; }

        public required string Body { get; init; }

        public StoredAnswer ToAnswer() => new(Identity, Key, Fingerprint, (int)Status, Headers, Body);
    }
}
