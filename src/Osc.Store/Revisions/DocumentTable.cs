using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Store.Revisions;

/// <summary>The table of documents through time.</summary>
internal static class DocumentTable
{
    private const string Columns = "tenant as Tenant, kind as Kind, name as Name, valid_from as ValidFrom, json as Json, hash as Hash";

    private const string OfKey = "tenant = @Tenant and kind = @Kind and name = @Name and valid_to is null";

    /// <summary>All documents as of a revision, in key order.</summary>
    public static IReadOnlyList<StoredDocument> Read(SqliteConnection connection, Revision? at)
    {
        var rows = at is { } revision
            ? connection.Query<Row>(
                $"""
                select {Columns} from document where valid_to is null and valid_from <= @Number
                union all
                select {Columns} from document where valid_to > @Number and valid_from <= @Number
                """,
                new { revision.Number })
            : connection.Query<Row>($"select {Columns} from document where valid_to is null");

        return [.. rows.Select(r => r.ToDocument()).OrderBy(d => d.Key)];
    }

    /// <summary>The documents that have changed since a revision, as they were then, in key order; without a document those that were not there.</summary>
    public static IReadOnlyList<DocumentThen> ReadChangedSince(SqliteConnection connection, Revision revision)
    {
        var changed = connection
            .Query<Row>($"select {Columns} from document where valid_to > @Number and valid_from <= @Number", new { revision.Number })
            .Select(r => r.ToDocument())
            .ToDictionary(d => d.Key);
        var newer = connection.Query<KeyRow>("select distinct tenant as Tenant, kind as Kind, name as Name from document where valid_from > @Number", new { revision.Number });
        return [.. newer.Select(r => r.ToKey()).Concat(changed.Keys).Distinct().Order().Select(k => new DocumentThen(k, changed.GetValueOrDefault(k)))];
    }

    /// <summary>What a document was, newest first, from a revision backwards for as long as it was there.</summary>
    public static IReadOnlyList<StoredDocument> ReadHistory(SqliteConnection connection, DocumentKey key, Revision upTo, int limit)
    {
        var history = new List<StoredDocument>();
        var rows = connection.Query<Row, long?, (Row Row, long? Until)>(
            $"""
            select {Columns}, valid_to as Until from document
            where tenant = @Tenant and kind = @Kind and name = @Name and valid_from <= @Number
            order by valid_from desc limit @limit
            """,
            (row, until) => (row, until),
            new { Tenant = key.Tenant.Value, Kind = key.Kind.ToString(), Name = key.Name.Value, upTo.Number, limit },
            splitOn: "Until");
        foreach (var (row, until) in rows)
        {
            if (history.Count == 0 ? until <= upTo.Number : until != history[^1].Revision.Number)
            {
                break;
            }

            history.Add(row.ToDocument());
        }

        return history;
    }

    /// <summary>Makes a change part of a revision.</summary>
    /// <returns>The document before, as JSON; null if there was none.</returns>
    /// <exception cref="ArgumentException">A document is to go that is not there.</exception>
    public static string? Apply(SqliteConnection connection, DocumentWrite change, Revision revision)
    {
        var row = new
        {
            Tenant = change.Key.Tenant.Value,
            Kind = change.Key.Kind.ToString(),
            Name = change.Key.Name.Value,
            revision.Number,
            change.Json,
            change.Hash,
        };

        var before = connection.QuerySingleOrDefault<string>($"select json from document where {OfKey}", row);
        if (before is null && change.Json is null)
        {
            throw new ArgumentException($"{change.Key} is to be deleted and is not there", nameof(change));
        }

        if (before is not null)
        {
            connection.Execute($"update document set valid_to = @Number where {OfKey}", row);
        }

        if (change.Json is not null)
        {
            connection.Execute(
                "insert into document (tenant, kind, name, valid_from, json, hash) values (@Tenant, @Kind, @Name, @Number, @Json, @Hash)", row);
        }

        return before;
    }

    private sealed record Row(string Tenant, string Kind, string Name, long ValidFrom, string Json, string Hash)
    {
        public StoredDocument ToDocument() => new(new KeyRow(Tenant, Kind, Name).ToKey(), Json, Hash, new(ValidFrom));
    }

    private sealed record KeyRow(string Tenant, string Kind, string Name)
    {
        public DocumentKey ToKey() =>
            Model.Name.TryParse(Tenant, out var tenant) && Enum.TryParse<Kind>(Kind, out var kind) && Enum.IsDefined(kind) && Model.Name.TryParse(Name, out var name)
                ? new(tenant, kind, name)
                : throw new InvalidDataException($"a document is called '{Tenant}/{Kind}/{Name}'");
    }
}
