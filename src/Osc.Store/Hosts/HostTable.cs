using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Model;
using Osc.Store.Files;

namespace Osc.Store.Hosts;

/// <summary>
/// The table of hosts. Its columns have three writers: what the controller desires, what agents confirm, what agents say of themselves.
/// Only the first makes rows: a late word of a removed host's agent does not bring it back.
/// </summary>
internal static class HostTable
{
    private const string Columns = """
        name as Name, desired_revision as DesiredRevision, desired_digest as DesiredDigest, desired_flows as DesiredFlows,
        acked_revision as AckedRevision, acked_digest as AckedDigest, acked_flows as AckedFlows, acked_at as AckedAt,
        agent_version as AgentVersion, switch_version as SwitchVersion, last_seen as LastSeen, error as Error
        """;

    public static IReadOnlyList<HostRecord> Read(SqliteConnection connection) =>
        [.. connection.Query<Row>($"select {Columns} from host order by name").Select(r => r.ToRecord())];

    public static void SetDesired(SqliteConnection connection, IEnumerable<HostDesired> hosts) => connection.Execute(
        """
        insert into host (name, desired_revision, desired_digest, desired_flows, open_from)
            select value ->> 'name', value ->> 'revision', value ->> 'digest', value ->> 'flows', value ->> 'revision' from json_each(@rows) where true
        on conflict (name) do update set
            desired_revision = excluded.desired_revision, desired_digest = excluded.desired_digest, desired_flows = excluded.desired_flows
        """,
        new { rows = JsonSerializer.Serialize(hosts.Select(h => new { name = h.Host.Value, revision = h.Revision.Number, digest = h.Digest, flows = h.Flows })) });

    public static void SetSeen(SqliteConnection connection, IEnumerable<HostSeen> hosts) => connection.Execute(
        "update host set agent_version = @AgentVersion, switch_version = @SwitchVersion, last_seen = @Time where name = @Name",
        hosts.Select(h => new { Name = h.Host.Value, h.AgentVersion, h.SwitchVersion, Time = StoredTime.From(h.Time) }));

    public static void SetAcked(SqliteConnection connection, RolloutStep.Acked step, DateTimeOffset time) => connection.Execute(
        "update host set acked_revision = @Revision, acked_digest = @Digest, acked_flows = @Flows, acked_at = @Time, error = '', open_from = max(open_from, @Revision) where name = @Name",
        new { Name = step.Host.Value, Revision = step.Revision.Number, step.Digest, step.Flows, Time = StoredTime.From(time) });

    public static void SetError(SqliteConnection connection, RolloutStep.Refused step) => connection.Execute(
        "update host set error = @Error where name = @Name",
        new { Name = step.Host.Value, step.Error });

    public static void Remove(SqliteConnection connection, IEnumerable<Name> hosts) =>
        connection.Execute("delete from host where name = @Name", hosts.Select(h => new { Name = h.Value }));

    private sealed record Row
    {
        public required string Name { get; init; }

        public long DesiredRevision { get; init; }

        public required string DesiredDigest { get; init; }

        public int DesiredFlows { get; init; }

        public long AckedRevision { get; init; }

        public required string AckedDigest { get; init; }

        public int AckedFlows { get; init; }

        public long? AckedAt { get; init; }

        public required string AgentVersion { get; init; }

        public required string SwitchVersion { get; init; }

        public long? LastSeen { get; init; }

        public required string Error { get; init; }

        public HostRecord ToRecord() => new()
        {
            Host = Model.Name.TryParse(Name, out var host) ? host : throw new InvalidDataException($"a host is called '{Name}'"),
            DesiredRevision = new(DesiredRevision),
            DesiredDigest = DesiredDigest,
            DesiredFlows = DesiredFlows,
            AckedRevision = new(AckedRevision),
            AckedDigest = AckedDigest,
            AckedFlows = AckedFlows,
            AckedAt = StoredTime.To(AckedAt),
            AgentVersion = AgentVersion,
            SwitchVersion = SwitchVersion,
            LastSeen = StoredTime.To(LastSeen),
            Error = Error,
        };
    }
}
