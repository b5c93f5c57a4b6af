using System.Collections.Immutable;
using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Store.AuditLog;

namespace Osc.Store.Files;

/// <summary>A step of the schema: the embedded script "0001.sql" makes version 1 of version 0, and so on. A script never changes once released.</summary>
internal sealed record Migration(int Version, string Script)
{
    /// <summary>What no script can do follows this version's: the audit log gets its tree.</summary>
    private const int TreeVersion = 6;

    public static readonly ImmutableArray<Migration> All = ReadAll();

    public static int Newest => All[^1].Version;

    /// <summary>Brings a database up to a version, a transaction a step.</summary>
    public static void Run(SqliteConnection connection, int version)
    {
        var current = VersionOf(connection);
        foreach (var step in All.Where(m => m.Version > current && m.Version <= version))
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(step.Script);
            if (step.Version == TreeVersion)
            {
                TreeTable.Build(connection);
            }

            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {step.Version}"));
            transaction.Commit();
        }
    }

    public static int VersionOf(SqliteConnection connection) => connection.QuerySingle<int>("pragma user_version");

    /// <summary>Compares a database's tables, indexes and triggers with what the scripts make.</summary>
    /// <returns>The first thing that is missing, altered or foreign; null if there is none.</returns>
    public static string? FindDeviation(SqliteConnection connection)
    {
        using var pattern = new SqliteConnection("Data Source=:memory:");
        pattern.Open();
        Run(pattern, VersionOf(connection));

        var expected = SchemaOf(pattern);
        var actual = SchemaOf(connection);
        return expected.Except(actual).Concat(actual.Except(expected)).FirstOrDefault()?.Name;
    }

    private static List<SchemaEntry> SchemaOf(SqliteConnection connection) =>
        connection.Query<SchemaEntry>("select type as Type, name as Name, sql as Sql from sqlite_schema order by name").AsList();

    private static ImmutableArray<Migration> ReadAll()
    {
        var assembly = typeof(Migration).Assembly;
        var steps = assembly.GetManifestResourceNames().Order(StringComparer.Ordinal).Select(name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!); // the name was just listed
            return new Migration(int.Parse(Path.GetFileNameWithoutExtension(name), CultureInfo.InvariantCulture), reader.ReadToEnd());
        }).ToImmutableArray();

        return steps.Select(s => s.Version).SequenceEqual(Enumerable.Range(1, steps.Length))
            ? steps
            : throw new InvalidOperationException("the migrations are not numbered 1, 2, 3, ...");
    }

    private sealed record SchemaEntry(string Type, string Name, string? Sql);
}
