using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Model;
using Osc.Store.Files;
using Osc.Store.Revisions;

namespace Osc.Store.Hosts;

/// <summary>The table of rollouts: how far each revision has come on each host that it concerns.</summary>
internal static class RolloutTable
{
    private const string Columns = """
        revision as Revision, host as Host, state as State, sent_at as SentAt, acked_at as AckedAt, milliseconds as Milliseconds, error as Error
        """;

    /// <summary>What is on its way to @Host still: sought revision by revision, from where there may be some.</summary>
    internal const string Open = """
        host = @Host and state in ('pending', 'sent')
            and revision in (select number from revision where number >= (select open_from from host where name = @Host))
        """;

    public static void Begin(SqliteConnection connection, Revision revision, IEnumerable<Name> hosts) => connection.Execute(
        "insert into rollout (revision, host, state) select @Number, value, 'pending' from json_each(@rows)",
        new { revision.Number, rows = JsonSerializer.Serialize(hosts.Select(h => h.Value)) });

    public static void SetSent(SqliteConnection connection, RolloutStep.Sent step, DateTimeOffset time) => connection.Execute(
        "update rollout set state = 'sent', sent_at = @Time, error = '' where revision = @Number and host = @Host and state <> 'acked'",
        new { step.Revision.Number, Host = step.Host.Value, Time = StoredTime.From(time) });

    /// <summary>Before <see cref="HostTable.SetAcked"/>, which moves on what may be open.</summary>
    public static void SetAcked(SqliteConnection connection, RolloutStep.Acked step, DateTimeOffset time) => connection.Execute(
        $"""
        update rollout set state = 'acked', acked_at = @Time, milliseconds = @Milliseconds, error = ''
            where revision = @Number and host = @Host and state <> 'acked';
        update rollout set state = 'acked', acked_at = @Time where {Open} and revision < @Number;
        """,
        new { step.Revision.Number, Host = step.Host.Value, step.Milliseconds, Time = StoredTime.From(time) });

    public static void SetRefused(SqliteConnection connection, RolloutStep.Refused step) => connection.Execute(
        "update rollout set state = 'refused', error = @Error where revision = @Number and host = @Host and state <> 'acked'",
        new { step.Revision.Number, Host = step.Host.Value, step.Error });

    /// <summary>Forgets what hosts that are no more have not confirmed, so that the rollouts can finish without them. Before <see cref="HostTable.Remove"/>.</summary>
    public static void Abandon(SqliteConnection connection, IEnumerable<Name> hosts) => connection.Execute(
        $"""
        delete from rollout where {Open};
        delete from rollout where host = @Host and state = 'refused';
        """,
        hosts.Select(h => new { Host = h.Value }));

    /// <returns>null if there is no such revision; without hosts if the revision concerned none.</returns>
    public static RolloutInfo? Find(SqliteConnection connection, Revision revision) =>
        RevisionTable.Find(connection, revision) is { } info ? new(revision, info.Time, HostsOf(connection, revision)) : null;

    /// <summary>The newest rollouts, newest first; revisions that concerned no host are left out.</summary>
    /// <param name="scope">Only of revisions that changed documents of these tenants; null: all.</param>
    public static IReadOnlyList<RolloutInfo> Read(SqliteConnection connection, int limit, TenantScope? scope)
    {
        var values = new DynamicParameters(new { limit });
        var concerns = scope is null ? "" : $" where exists ({RevisionTable.ChangedIn("r.revision", scope, values)})";
        var revisions = connection.Query<long>($"select distinct r.revision from rollout r{concerns} order by r.revision desc limit @limit", values).AsList();
        return [.. revisions.Select(r => Find(connection, new(r))!)]; // a rollout's revision is there, says its foreign key
    }

    private static IReadOnlyList<HostRollout> HostsOf(SqliteConnection connection, Revision revision) =>
        [.. connection.Query<Row>($"select {Columns} from rollout where revision = @Number order by host", new { revision.Number }).Select(r => r.ToHost())];

    private sealed record Row
    {
        public required string Host { get; init; }

        public required string State { get; init; }

        public long? SentAt { get; init; }

        public long? AckedAt { get; init; }

        public double? Milliseconds { get; init; }

        public required string Error { get; init; }

        public HostRollout ToHost() => new()
        {
            Host = Name.TryParse(Host, out var host) ? host : throw new InvalidDataException($"a host is called '{Host}'"),
            State = Enum.TryParse<RolloutState>(State, ignoreCase: true, out var state) && Enum.IsDefined(state)
                ? state
                : throw new InvalidDataException($"a rollout is '{State}'"),
            SentAt = StoredTime.To(SentAt),
            AckedAt = StoredTime.To(AckedAt),
            Milliseconds = Milliseconds,
            Error = Error,
        };
    }
}
