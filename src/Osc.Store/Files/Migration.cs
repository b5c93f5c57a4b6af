using System.Collections.Immutable;
using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Osc.Store.Files;

/// <summary>A step of the schema: the embedded script "0001.sql" makes version 1 of version 0, and so on. A script never changes once released.</summary>
internal sealed record Migration(int Version, string Script)
{
    public static readonly ImmutableArray<Migration> All = ReadAll();

    public static int Newest => All[^1].Version;

    /// <summary>Brings a database to the newest version, a transaction a step.</summary>
    public static void Run(SqliteConnection connection)
    {
        var version = connection.QuerySingle<int>("pragma user_version");
        foreach (var step in All.Where(m => m.Version > version))
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(step.Script);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {step.Version}"));
            transaction.Commit();
        }
    }

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
}
