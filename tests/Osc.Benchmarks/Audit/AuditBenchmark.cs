using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;
using Osc.Store;

namespace Osc.Benchmarks.Audit;

/// <summary>A long audit log: how fast it grows, answers, proves and is verified, and how much memory that takes.</summary>
internal static class AuditBenchmark
{
    public const long UsualSize = 1_000_000;

    private const int Batch = 1_000;

    private const long VerifiedRecords = 1_000_000;

    private const int Asked = 200;

    private const string Line = "{0,-44} {1,12:0.00} {2,12:0.00} {3,12:0.00}";

    /// <param name="size">How many records.</param>
    /// <param name="directory">Where the store is made, and stays; null for one that is removed.</param>
    public static async Task<int> RunAsync(long size, string? directory = null)
    {
        var temporary = directory is null ? Directory.CreateTempSubdirectory("osc-bench-") : null;
        var path = Path.Combine(directory ?? temporary!.FullName, "audit.db"); // one of the two is there
        try
        {
            using var store = PolicyStore.Open(path, TimeProvider.System);
            Fill(store, size);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{store.AuditTree.Size} records, {new FileInfo(path).Length / 1_000_000} MB"));
            Ask(store, "page of 100, ms", SampleLog.Queries(size));
            Ask(store, "text, page of 100, ms", SampleLog.Searches(size));
            Prove(store);
            await VerifyAsync(store, Path.GetDirectoryName(path)!); // the path of a file has a directory
            using var process = Process.GetCurrentProcess();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak resident memory: {process.PeakWorkingSet64 / 1_000_000} MB"));
        }
        finally
        {
            temporary?.Delete(recursive: true);
        }

        return 0;
    }

    private static void Fill(PolicyStore store, long size)
    {
        var (appends, whole) = (new List<double>(), Stopwatch.StartNew());
        for (var n = store.AuditTree.Size; n < size; n += Batch)
        {
            var records = Enumerable.Range(0, Batch).Select(i => SampleLog.RecordOf(n + i + 1)).ToList();
            appends.Add(Milliseconds(() => store.AppendAudit(records)));
            if (appends.Count % 100 == 0)
            {
                // As the controller does every second.
                store.ExtendTextIndex();
            }
        }

        store.ExtendTextIndex();
        if (appends.Count > 0)
        {
            var last = appends.TakeLast(Math.Max(1, appends.Count / 10)).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"append in batches of {Batch}, each on the disk: {Batch * appends.Count / (appends.Sum() / 1000):0} records/s, the last tenth {Batch * last.Count / (last.Sum() / 1000):0}; with the text index {Batch * appends.Count / whole.Elapsed.TotalSeconds:0}"));
        }
    }

    private static void Ask(PolicyStore store, string title, IEnumerable<(string Name, Store.AuditLog.AuditQuery Query)> queries)
    {
        Console.WriteLine($"{title,-44} {"median",12} {"p99",12} {"records",12}");
        foreach (var (name, query) in queries)
        {
            var records = store.QueryAudit(query).Items.Count;
            var times = Enumerable.Range(0, Asked).Select(_ => Milliseconds(() => store.QueryAudit(query))).ToList();
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Line, "  " + name, Median(times), Percentile99(times), records));
        }
    }

    private static void Prove(PolicyStore store)
    {
        var tree = store.AuditTree;
        var (size, random) = (tree.Size, new Random(1));
        var root = tree.Root(size);
        var (inclusion, consistency, greatest) = (new List<double>(), new List<double>(), 0);
        for (var i = 0; i < Asked; i++)
        {
            var sequence = random.NextInt64(1, size + 1);
            inclusion.Add(Milliseconds(() =>
            {
                var proof = tree.ProveInclusion(sequence, size);
                Demand(proof.Proves(tree.Leaf(sequence), root));
                greatest = Math.Max(greatest, JsonSerializer.SerializeToUtf8Bytes(new { sequence, size, hashes = proof.Hashes.Select(h => h.ToString()) }).Length);
            }));
            consistency.Add(Milliseconds(() =>
            {
                var proof = tree.ProveConsistency(sequence, size);
                Demand(proof.Proves(tree.Root(sequence), root));
                greatest = Math.Max(greatest, JsonSerializer.SerializeToUtf8Bytes(new { sequence, size, hashes = proof.Hashes.Select(h => h.ToString()) }).Length);
            }));
        }

        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Line, "proof of inclusion, made and checked, ms", Median(inclusion), Percentile99(inclusion), ""));
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, Line, "proof of consistency, made and checked, ms", Median(consistency), Percentile99(consistency), ""));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"greatest proof: {greatest} bytes of JSON"));
    }

    /// <summary>Exports records and has them verified by osc, as somebody without the store does.</summary>
    private static async Task VerifyAsync(PolicyStore store, string directory)
    {
        var size = Math.Min(VerifiedRecords, store.AuditTree.Size);
        var (export, held) = (Path.Combine(directory, "audit.ndjson"), Path.Combine(directory, "osc.checkpoint"));
        await using (var file = File.Create(export))
        {
            await using var json = new Utf8JsonWriter(file);
            foreach (var record in store.EnumerateAudit(new() { Ascending = true }).Take((int)size))
            {
                AuditJson.Write(json, record);
                await json.FlushAsync();
                file.WriteByte((byte)'\n');
                json.Reset();
            }
        }

        await File.WriteAllTextAsync(held, KeyRing.Create("bench").Sign(new("bench", size, store.AuditTree.Root(size))).ToString());
        for (var i = 0; i < 3; i++)
        {
            using var output = new StringWriter();
            var shell = new Shell(output, output, isTerminal: false) { OpenInput = () => Stream.Null, OpenOutput = () => Stream.Null, Variable = _ => null };
            var started = Stopwatch.GetTimestamp();
            var code = await OscCommand.RunAsync(["audit", "verify", export, "--checkpoint", held], shell);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"osc audit verify of {size} records, {new FileInfo(export).Length / 1_000_000} MB: {Stopwatch.GetElapsedTime(started).TotalSeconds:0.00} s, exit code {code}"));
        }

        File.Delete(export);
        File.Delete(held);
    }

    private static void Demand(bool isTrue)
    {
        if (!isTrue)
        {
            throw new InvalidOperationException("a proof does not prove");
        }
    }

    private static double Milliseconds(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static double Percentile99(List<double> times) => times.Order().ElementAt(times.Count * 99 / 100);
}
