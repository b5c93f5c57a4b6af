using System.Diagnostics;
using System.Globalization;
using Osc.Audit;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store;
using Osc.Store.AuditLog;
using Osc.Store.Files;
using Osc.Store.Revisions;

namespace Osc.Benchmarks;

/// <summary>How fast the store commits, with its audit records and without them, and how fast the audit log answers.</summary>
internal static class StoreBenchmark
{
    private const int LogRows = 100_000;
    private const int Batch = 100;

    public static Task<int> RunAsync()
    {
        var directory = Directory.CreateTempSubdirectory("osc-bench-");
        try
        {
            MeasureCommits(directory);
            MeasureQueries(Path.Combine(directory.FullName, "log.db"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        return Task.FromResult(0);
    }

    private static void MeasureCommits(DirectoryInfo directory)
    {
        using var store = PolicyStore.Open(Path.Combine(directory.FullName, "with.db"), TimeProvider.System);
        using var bare = Database.Open(Path.Combine(directory.FullName, "without.db"));

        Console.WriteLine($"{"commit",-34} {"with audit",12} {"without",12} {"ratio",7}    medians");
        foreach (var (changes, commits) in new[] { (1, 1_000), (Batch, 200) })
        {
            var (with, without) = (new List<Taken>(), new List<Taken>());
            for (var i = 0; i < commits; i++)
            {
                // Turn about, so that both meet the same disk.
                var documents = ChangesOf(changes, i);
                with.Add(TimeOf(() => store.Commit(new() { Base = store.Current, Origin = new("bench"), Changes = documents })));
                without.Add(TimeOf(() => CommitWithoutAudit(bare, documents)));
            }

            Print($"{changes} document(s), ms", [.. with.Select(t => t.Wall)], [.. without.Select(t => t.Wall)]);
            Print("  processor time", [.. with.Select(t => t.Processor)], [.. without.Select(t => t.Processor)]);
        }
    }

    private static void Print(string what, List<double> with, List<double> without) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what,-34} {Median(with),12:0.000} {Median(without),12:0.000} {Median(with) / Median(without),7:0.00}"));

    /// <summary>How long something takes, and how much of a processor: the one moves with the disk and with what else runs, the other hardly.</summary>
    private static Taken TimeOf(Action work)
    {
        var (started, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        work();
        return new(Stopwatch.GetElapsedTime(started).TotalMilliseconds, (Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
    }

    private readonly record struct Taken(double Wall, double Processor);

    private static void MeasureQueries(string path)
    {
        using (var store = PolicyStore.Open(path, TimeProvider.System))
        {
            var appends = Enumerable.Range(0, LogRows / Batch)
                .Select(b => Milliseconds(() => store.AppendAudit([.. Enumerable.Range(b * Batch, Batch).Select(RecordOf)]))).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"append {Batch} audit records: median {Median(appends):0.00} ms, {1000 * Batch / Median(appends):0} records/s"));

            Console.WriteLine($"{$"page of 100 among {LogRows} records",-34} {"median ms",12} {"p99 ms",12} {"records",8}");
            foreach (var (name, query) in Queries())
            {
                var records = store.QueryAudit(query).Items.Count;
                var times = Enumerable.Range(0, 200).Select(_ => Milliseconds(() => store.QueryAudit(query))).ToList();
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{name,-34} {Median(times),12:0.00} {times.Order().ElementAt(197),12:0.00} {records,8}"));
            }

            var export = Milliseconds(() => store.EnumerateAudit(new() { Ascending = true }).Count());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"read all {LogRows} one by one: {export:0} ms"));
        }

        var open = Enumerable.Range(0, 5).Select(_ => Milliseconds(() => PolicyStore.Open(path, TimeProvider.System).Dispose())).ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"open and check {new FileInfo(path).Length / 1_000_000} MB: median {Median(open):0} ms"));
    }

    private static IEnumerable<(string Name, AuditQuery Query)> Queries() =>
    [
        ("newest", new()),
        ("oldest", new() { Ascending = true }),
        ("actor", new() { Actor = "actor-7" }),
        ("actor without records", new() { Actor = "nobody" }),
        ("kind and name", new() { Kind = "Policy", Name = "policy-77" }),
        ("kind, oldest of a rare actor", new() { Kind = "Policy", Actor = "actor-rare", Ascending = true }),
        ("revision", new() { Revision = new(5_000) }),
        ("time: an hour long ago", new() { From = TimeOf(20_000), To = TimeOf(20_000).AddHours(1) }),
        ("time and actor", new() { From = TimeOf(20_000), To = TimeOf(60_000), Actor = "actor-7" }),
        ("text: rare word", new() { Text = "needle" }),
        ("text: word of every record", new() { Text = "SecurityGroup" }),
        ("text: address", new() { Text = "10.1.7.7" }),
        ("text: rare word and kind", new() { Text = "needle", Kind = "Policy" }),
        ("text: beginning", new() { Text = "polic*", Cursor = 50_000 }),
    ];

    private static AuditRecord RecordOf(int n) => new()
    {
        Time = TimeOf(n),
        Actor = n % 20_000 == 19_999 ? "actor-rare" : $"actor-{n % 50}",
        Address = "192.0.2.7",
        RequestId = $"request-{n}",
        Action = AuditAction.DocumentUpdate,
        Tenant = $"tenant-{n % 20}",
        Kind = "Policy",
        Name = $"policy-{n % 1_000}",
        Before = JsonOf(n),
        After = JsonOf(n + 1),
        Revision = new(n / 10),
        Reason = n % 1_000 == 500 ? "needle" : "",
        Outcome = AuditRecord.Ok,
    };

    private static DateTimeOffset TimeOf(int n) => DateTimeOffset.UnixEpoch.AddYears(56).AddSeconds(10 * n);

    private static string JsonOf(int n) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"group-{{{n % 1_000}}}","tenant":"shop"},"spec":{"members":[{"cidr":"10.{{{n % 3}}}.{{{n % 11}}}.{{{n % 13}}}/32"},{"selector":"app = web, env in (prod, stage)"}]}}""");

    private static List<DocumentWrite> ChangesOf(int count, int round) =>
        [.. Enumerable.Range(0, count).Select(i => DocumentWrite.Put(new(Tenants.Default, Kind.SecurityGroup, Name.Parse($"d{i}")), JsonOf(round + i), "hash"))];

    /// <summary>The same but for the records: what the store does for a commit, and nothing left out or put off.</summary>
    private static void CommitWithoutAudit(Database database, List<DocumentWrite> changes) => database.Write(connection =>
    {
        var last = RevisionTable.ReadCurrent(connection);
        var info = new RevisionInfo(last.Next, TimeProvider.System.GetUtcNow(), "bench", "", changes.Count);
        return Committing.Write(connection, new() { Base = last, Origin = new("bench"), Changes = changes }, info);
    });

    private static double Milliseconds(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
