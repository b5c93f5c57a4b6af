using System.Diagnostics;
using System.Globalization;
using Osc.Lab;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Delivery;

/// <summary>
/// From a document to the switch, one host of 100 ports among hosts of 1,000 and 10,000: a thousand changes, one after another, through the REST API, each followed until its flows
/// were seen on the bridge by an independent monitor, and until the host had confirmed it. By the in-memory bus and by RabbitMQ.
/// </summary>
internal static class CommitBenchmark
{
    private const int Changes = 1_000;

    private static readonly (string Name, PortGroupWorkload Workload)[] Sizes = [("small", PortGroupWorkload.Small), ("medium", PortGroupWorkload.Medium)];

    private static readonly (string Name, BusKind Bus, double Target)[] Buses = [("memory", BusKind.InMemory, 10), ("rabbitmq", BusKind.RabbitMq, 25)];

    /// <summary>Each size by each bus, by name.</summary>
    public static IReadOnlyDictionary<string, Func<Task<int>>> Parts { get; } = Sizes
        .SelectMany(s => Buses.Select(b => (Name: $"commit:{s.Name}:{b.Name}", Run: (Func<Task<int>>)(() => RunAsync([s], [b])))))
        .ToDictionary(p => p.Name, p => p.Run);

    public static Task<int> RunAsync() => RunAsync(Sizes, Buses);

    private static async Task<int> RunAsync((string Name, PortGroupWorkload Workload)[] sizes, (string Name, BusKind Bus, double Target)[] buses)
    {
        Console.WriteLine($"From a document to the switch [load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} on {Environment.ProcessorCount} cores]; milliseconds that passed; {Changes} changes each");
        Console.WriteLine($"{"",-44} {"p50",8} {"p90",8} {"p99",8} {"worst",8}  {"target",8}");
        var missed = 0;
        foreach (var (size, workload) in sizes)
        {
            foreach (var (_, bus, target) in buses)
            {
                missed += await RunAsync(size, workload, bus, target);
            }
        }

        return missed;
    }

    private static async Task<int> RunAsync(string size, PortGroupWorkload workload, BusKind bus, double target)
    {
        await using var space = await LabSpace.ClaimAsync("commit");
        var instance = await SwitchInstance.StartAsync(space, "sw");
        await BenchBridge.AddAsync(instance, workload);
        using var system = await OscSystem.StartAsync(space, "osc", instance, PortGroupScenario.FirstHost, bus);
        var scenario = PortGroupScenario.Of(workload);
        if (bus == BusKind.RabbitMq)
        {
            system.StartAgent();
        }

        await system.LoadAsync(scenario.Documents);
        await system.UntilEnforcingAsync();
        using var watch = await FlowWatch.StartAsync(instance, BenchBridge.Name);
        var (greeted, committed, seen, confirmed) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var sources = Sources(workload);
        var changes = DocumentChanges.None;
        var loaded = system.Processes.ToDictionary(p => p.Key, p => ProcessUse.Of(p.Value));
        for (var i = 0; i < Changes + Changes / 10; i++)
        {
            // Everything in turn: an address joins a group and leaves it, a local port joins a group and leaves it.
            changes = i % 2 == 0 ? Next(scenario, workload, sources, i / 2) : changes.Reverse();
            var body = OscSystem.Body(changes.Select(c => c.After).OfType<Document>());
            var begin = Stopwatch.GetTimestamp();
            await system.GreetAsync();
            var greeting = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            begin = Stopwatch.GetTimestamp();
            watch.Forget();
            var revision = await system.ApplyAsync(body);
            var answered = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            // Questions without a pause would take the processor from those who bring the flows.
            await watch.UntilSeenAsync();
            await system.UntilConfirmedAsync(revision);
            var acknowledged = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            if (i >= Changes / 10)
            {
                greeted.Add(greeting);
                committed.Add(answered);
                seen.Add(await watch.LastSinceAsync(begin));
                confirmed.Add(acknowledged);
            }
        }

        var flows = await system.FlowsAsync();
        Print($"{size}, {flows:N0} flows, {bus}: request to answer", committed, null);
        Print("    beside it, a request that does nothing", greeted, null);
        Print("    request to the last flow on the bridge", seen, null);
        Print("    answer (the commit) to the last flow", [.. seen.Zip(committed, (s, c) => Math.Max(0, s - c))], target);
        Print("    request to the host's confirmation, asked for", confirmed, null);
        foreach (var (program, process) in system.Processes)
        {
            var (before, after) = (loaded[program], ProcessUse.Of(process));
            var each = (after.CpuSeconds - before.CpuSeconds) * 1_000 / (Changes + Changes / 10);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {program}: {each:0.0} ms of processor time a change, questions for its confirmation included; {before.Megabytes:0} MB before, {after.Megabytes:0} MB after"));
        }

        return At(seen.Zip(committed, (s, c) => s - c), 0.99) > target ? 1 : 0;
    }

    private static DocumentChanges Next(PortGroupScenario scenario, PortGroupWorkload workload, IReadOnlyList<int> sources, int number) => (number % 2) switch
    {
        0 => scenario.AddAddress(scenario.Documents, sources[number % sources.Count], IpAddress.FromIPv4((172u << 24) + (31u << 16) + (2 * (uint)number) + 1)),
        _ => scenario.Join(scenario.Documents, number % BenchBridge.Ports, (number % BenchBridge.Ports + 1 + number / BenchBridge.Ports) % workload.Groups.Count),
    };

    /// <summary>The groups that something is allowed from to groups of the first host's ports: an address more in one of them is a flow more there.</summary>
    private static IReadOnlyList<int> Sources(PortGroupWorkload workload)
    {
        var here = workload.Ports.Take(BenchBridge.Ports).Select(p => p.Id).ToHashSet();
        var local = workload.Groups.Where(g => g.Members.Any(here.Contains)).Select(g => g.Id).ToHashSet();
        var from = workload.Rules.Where(r => local.Contains(r.To)).Select(r => r.From).ToHashSet();
        return [.. workload.Groups.Index().Where(g => from.Contains(g.Item.Id)).Select(g => g.Index)];
    }

    private static void Print(string what, IReadOnlyList<double> times, double? target) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what,-44} {At(times, 0.5),8:N2} {At(times, 0.9),8:N2} {At(times, 0.99),8:N2} {At(times, 1),8:N2}  {target,8}{(At(times, 0.99) > target ? " !" : "")}"));

    private static double At(IEnumerable<double> times, double share)
    {
        var sorted = times.Order().ToArray();
        return sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
    }
}
