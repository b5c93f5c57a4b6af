using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Model;

namespace Osc.Store.Hosts;

/// <summary>
/// The tables of the numbers that hosts' flows carry: whole at some revision, and a row for each change since. A numbering is much larger
/// than what a commit changes of it, and a commit may change those of all hosts.
/// </summary>
internal static class NumberingTable
{
    public static IReadOnlyList<StoredNumbering> Read(SqliteConnection connection)
    {
        var changes = connection
            .Query<ChangeRow>("select host as Host, revision as Revision, change as Change from numbering_change order by revision")
            .ToLookup(r => r.Host);
        return [.. connection.Query<WholeRow>("select host as Host, revision as Revision, numbers as Numbers from numbering order by host").Select(Stored)];

        StoredNumbering Stored(WholeRow whole) => new(
            Name.TryParse(whole.Host, out var host) ? host : throw new InvalidDataException($"a host is called '{whole.Host}'"),
            whole.Numbers,
            // Of an earlier life of the host there may be older ones.
            [.. changes[whole.Host].Where(c => c.Revision > whole.Revision).Select(c => new StoredNumberingChange(new(c.Revision), c.Change))]);
    }

    public static void Write(SqliteConnection connection, Revision revision, IEnumerable<NumberingWrite> numberings)
    {
        foreach (var whole in numberings.Where(n => n.IsWhole))
        {
            connection.Execute(
                "insert into numbering (host, revision, numbers) values (@Host, @Number, @Json) on conflict (host) do update set revision = @Number, numbers = @Json",
                new { Host = whole.Host.Value, revision.Number, whole.Json });
        }

        connection.Execute(
            "insert into numbering_change (revision, host, change) select @Number, value ->> 'host', value ->> 'json' from json_each(@rows)",
            new { revision.Number, rows = JsonSerializer.Serialize(numberings.Where(n => !n.IsWhole).Select(n => new { host = n.Host.Value, json = n.Json })) });
    }

    /// <summary>Takes out changes that all wholes have in them.</summary>
    public static void Forget(SqliteConnection connection, Revision before) =>
        connection.Execute("delete from numbering_change where revision < @Number", new { before.Number });

    public static void Remove(SqliteConnection connection, IEnumerable<Name> hosts) =>
        connection.Execute("delete from numbering where host = @Name", hosts.Select(h => new { Name = h.Value }));

    private sealed record WholeRow(string Host, long Revision, string Numbers);

    private sealed record ChangeRow(string Host, long Revision, string Change);
}
