using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Store.Files;

namespace Osc.Store.Access;

/// <summary>The table of tokens.</summary>
internal static class TokenTable
{
    private const string Columns = """
        id as Id, name as Name, grants as Grants, sha256 as Sha256, made_at as MadeAt, made_by as MadeBy, expires_at as ExpiresAt,
        revoked_at as RevokedAt, revoked_by as RevokedBy, last_used as LastUsed, last_address as LastAddress
        """;

    /// <summary>Oldest first.</summary>
    public static IReadOnlyList<StoredToken> Read(SqliteConnection connection) =>
        [.. connection.Query<Row>($"select {Columns} from token order by made_at, id").Select(r => r.ToToken())];

    public static StoredToken? Find(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<Row>($"select {Columns} from token where id = @id", new { id })?.ToToken();

    public static bool IsTaken(SqliteConnection connection, string name) =>
        connection.QuerySingle<long>("select exists (select 1 from token where name = @name and revoked_at is null)", new { name }) != 0;

    public static long CountLive(SqliteConnection connection) => connection.QuerySingle<long>("select count(*) from token where revoked_at is null");

    public static void Insert(SqliteConnection connection, StoredToken token) => connection.Execute(
        "insert into token (id, name, grants, sha256, made_at, made_by, expires_at) values (@Id, @Name, @Grants, @Sha256, @MadeAt, @MadeBy, @ExpiresAt)",
        new { token.Id, token.Name, token.Grants, Sha256 = token.Sha256.ToArray(), MadeAt = StoredTime.From(token.Made), MadeBy = JsonSerializer.Serialize(token.MadeBy), ExpiresAt = StoredTime.From(token.Expires) });

    public static void Revoke(SqliteConnection connection, string id, DateTimeOffset time, string by) => connection.Execute(
        "update token set revoked_at = @time, revoked_by = @by where id = @id and revoked_at is null", new { id, by, time = StoredTime.From(time) });

    /// <summary>A use that is older than what is known does not count.</summary>
    public static void SetUsed(SqliteConnection connection, IEnumerable<TokenUse> uses) => connection.Execute(
        "update token set last_used = @Time, last_address = @Address where id = @Id and (last_used is null or last_used < @Time)",
        uses.Select(u => new { u.Id, Time = StoredTime.From(u.Time), u.Address }));

    private sealed record Row
    {
        public required string Id { get; init; }

        public required string Name { get; init; }

        public required string Grants { get; init; }

        public required byte[] Sha256 { get; init; }

        public long MadeAt { get; init; }

        public required string MadeBy { get; init; }

        public long ExpiresAt { get; init; }

        public long? RevokedAt { get; init; }

        public required string RevokedBy { get; init; }

        public long? LastUsed { get; init; }

        public required string LastAddress { get; init; }

        public StoredToken ToToken() => new(Id, Name, Grants, Sha256, StoredTime.To(MadeAt), MakersOf(MadeBy), StoredTime.To(ExpiresAt))
        {
            Revoked = StoredTime.To(RevokedAt),
            RevokedBy = RevokedBy,
            LastUsed = StoredTime.To(LastUsed),
            LastAddress = LastAddress,
        };

        private static string[] MakersOf(string json)
        {
            try
            {
                return JsonSerializer.Deserialize<string[]>(json) ?? throw new InvalidDataException("the makers of a token are null");
            }
            catch (JsonException wrong)
            {
                throw new InvalidDataException($"the makers of a token are '{json}'", wrong);
            }
        }
    }
}
