using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Osc.Store.Files;

namespace Osc.Store.Tests.Upgrade;

/// <summary>
/// A store of an earlier schema, made by the code of its time: "Stores/NNNN.db.gz", and what that code said was in it, "Stores/NNNN.json.gz". Up to 12 they were made
/// by the controller that was built of the commit before the next schema came (the JSON names it) and read by its REST API; after that by <see cref="EarlierStoreMaker"/>.
/// </summary>
internal static class EarlierStore
{
    /// <summary>Schemas that no program ever had for its newest: what is left where an upgrade from the one before is ended after it.</summary>
    private static readonly int[] Passing = [6];

    /// <summary>All schemas that a store may have, the oldest first.</summary>
    public static IEnumerable<int> Versions => Enumerable.Range(1, Migration.Newest);

    private static string Folder { get; } = Path.Combine(SourceFolder(), "Stores");

    /// <summary>The store's file, and the expectations', in the sources.</summary>
    public static (string Store, string Expected) FilesOf(int version) => (
        Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{version:D4}.db.gz")),
        Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{version:D4}.json.gz")));

    /// <summary>Puts a store of a schema at a path.</summary>
    /// <returns>What is in it.</returns>
    public static JsonNode Place(int version, string path)
    {
        if (Passing.Contains(version))
        {
            var before = Place(version - 1, path);
            using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
            connection.Open();
            Migration.Run(connection, version);
            return before;
        }

        var (store, expected) = FilesOf(version);
        File.WriteAllBytes(path, Unpack(store));
        return JsonNode.Parse(Unpack(expected)) ?? throw new InvalidDataException($"{expected} says nothing");
    }

    /// <summary>Whether a store of this schema is kept, or need not be.</summary>
    public static bool IsKept(int version) => Passing.Contains(version) || (File.Exists(FilesOf(version).Store) && File.Exists(FilesOf(version).Expected));

    public static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    private static byte[] Unpack(string file)
    {
        using var content = new MemoryStream();
        using var gzip = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        gzip.CopyTo(content);
        return content.ToArray();
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file) ?? throw new InvalidOperationException("the source has no folder");
}
