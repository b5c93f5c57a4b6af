using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Model;
using Osc.Store.Files;
using Osc.Store.Revisions;

namespace Osc.Store.Emergencies;

/// <summary>The table of emergency policies.</summary>
internal static class EmergencyTable
{
    private const string Columns = """
        id as Id, tenant as Tenant, name as Name, opened_by as OpenedBy, opened_at as OpenedAt, expires_at as ExpiresAt, reason as Reason, revision as Revision, closed_at as ClosedAt
        """;

    public static void Open(SqliteConnection connection, QualifiedName policy, DateTimeOffset expires, Origin origin, RevisionInfo info) => connection.Execute(
        "insert into emergency (tenant, name, opened_by, opened_at, expires_at, reason, revision) values (@Tenant, @Name, @Actor, @Now, @Expires, @Reason, @Revision)",
        new
        {
            Tenant = policy.Tenant.Value,
            Name = policy.Name.Value,
            origin.Actor,
            Now = StoredTime.From(info.Time),
            Expires = StoredTime.From(expires),
            origin.Reason,
            Revision = info.Revision.Number,
        });

    /// <returns>Whether the policy was one.</returns>
    public static bool Close(SqliteConnection connection, QualifiedName policy, DateTimeOffset time) => connection.Execute(
        "update emergency set closed_at = @time where tenant = @tenant and name = @name and closed_at is null",
        new { tenant = policy.Tenant.Value, name = policy.Name.Value, time = StoredTime.From(time) }) > 0;

    /// <summary>Those that are in force, oldest first.</summary>
    public static IReadOnlyList<Emergency> ReadOpen(SqliteConnection connection) =>
        [.. connection.Query<Row>($"select {Columns} from emergency where closed_at is null order by id").Select(r => r.ToEmergency())];

    /// <summary>All, newest first.</summary>
    public static IReadOnlyList<Emergency> Read(SqliteConnection connection, int limit) =>
        [.. connection.Query<Row>($"select {Columns} from emergency order by id desc limit @limit", new { limit }).Select(r => r.ToEmergency())];

    private sealed record Row
    {
        public long Id { get; init; }

        public required string Tenant { get; init; }

        public required string Name { get; init; }

        public required string OpenedBy { get; init; }

        public long OpenedAt { get; init; }

        public long ExpiresAt { get; init; }

        public required string Reason { get; init; }

        public long Revision { get; init; }

        public long? ClosedAt { get; init; }

        public Emergency ToEmergency() => new(
            Id,
            Model.Name.TryParse(Tenant, out var tenant) && Model.Name.TryParse(Name, out var name) ? new(tenant, name) : throw new InvalidDataException($"an emergency policy is '{Tenant}/{Name}'"),
            OpenedBy,
            StoredTime.To(OpenedAt),
            StoredTime.To(ExpiresAt),
            Reason,
            new(Revision),
            StoredTime.To(ClosedAt));
    }
}
