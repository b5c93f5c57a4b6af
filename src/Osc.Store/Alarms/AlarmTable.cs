using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Model;
using Osc.Model.Health;
using Osc.Store.Files;

namespace Osc.Store.Alarms;

/// <summary>The table of alarms.</summary>
internal static class AlarmTable
{
    private const string Columns = """
        id as Id, host as Host, kind as Kind, subject as Subject, severity as Severity, detail as Detail, raised_at as RaisedAt, cleared_at as ClearedAt
        """;

    private const string IsStanding = "host = @Host and kind = @Kind and subject = @Subject and cleared_at is null";

    public static IReadOnlyList<Alarm> ReadStanding(SqliteConnection connection) =>
        [.. connection.Query<Row>($"select {Columns} from alarm where cleared_at is null order by id").Select(r => r.ToAlarm())];

    public static AlarmPage Read(SqliteConnection connection, AlarmQuery query)
    {
        var rows = connection.Query<Row>(
            $"""
            select {Columns} from alarm
            where id < @before and (@host is null or host = @host) and (@hosts is null or host in (select value from json_each(@hosts))) and (@kind is null or kind = @kind) and (@severity is null or severity = @severity)
                and (@standing is null or (cleared_at is null) = @standing)
            order by id desc limit @limit
            """,
            new
            {
                before = query.Cursor ?? long.MaxValue,
                host = query.Host,
                hosts = query.Hosts is { } hosts ? JsonSerializer.Serialize(hosts) : null,
                kind = query.Kind,
                severity = query.Severity is { } severity ? Word(severity) : null,
                standing = query.Standing,
                limit = query.Limit + 1,
            }).AsList();
        var items = rows.Take(query.Limit).Select(r => r.ToAlarm()).ToList();
        return new(items, rows.Count > query.Limit ? items[^1].Id : null);
    }

    public static Alarm? Find(SqliteConnection connection, AlarmKey key) =>
        connection.QuerySingleOrDefault<Row>($"select {Columns} from alarm where {IsStanding}", Parameters(key))?.ToAlarm();

    public static void Insert(SqliteConnection connection, AlarmChange.Raise raise, DateTimeOffset time) => connection.Execute(
        "insert into alarm (host, kind, subject, severity, detail, raised_at) values (@Host, @Kind, @Subject, @Severity, @Detail, @Time)",
        new { Host = raise.Key.Host.Value, raise.Key.Kind, raise.Key.Subject, Severity = Word(raise.Severity), raise.Detail, Time = StoredTime.From(time) });

    public static void SetDetail(SqliteConnection connection, AlarmChange.Reword reword) => connection.Execute(
        $"update alarm set detail = @Detail where {IsStanding}",
        new { Host = reword.Key.Host.Value, reword.Key.Kind, reword.Key.Subject, reword.Detail });

    public static void SetCleared(SqliteConnection connection, AlarmChange.Clear clear, DateTimeOffset time) => connection.Execute(
        $"update alarm set cleared_at = @Time where {IsStanding}",
        new { Host = clear.Key.Host.Value, clear.Key.Kind, clear.Key.Subject, Time = StoredTime.From(time) });

    public static string Word(AlarmSeverity severity) => severity.ToString().ToLowerInvariant();

    private static object Parameters(AlarmKey key) => new { Host = key.Host.Value, key.Kind, key.Subject };

    private sealed record Row
    {
        public long Id { get; init; }

        public required string Host { get; init; }

        public required string Kind { get; init; }

        public required string Subject { get; init; }

        public required string Severity { get; init; }

        public required string Detail { get; init; }

        public long RaisedAt { get; init; }

        public long? ClearedAt { get; init; }

        public Alarm ToAlarm() => new(
            Id,
            new(Name.TryParse(Host, out var host) ? host : throw new InvalidDataException($"a host is called '{Host}'"), Kind, Subject),
            Enum.TryParse<AlarmSeverity>(Severity, ignoreCase: true, out var severity) && Enum.IsDefined(severity) ? severity : throw new InvalidDataException($"an alarm is '{Severity}'"),
            Detail,
            StoredTime.To(RaisedAt),
            StoredTime.To(ClearedAt));
    }
}
