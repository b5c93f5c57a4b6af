using System.Globalization;

namespace Osc.Benchmarks.Throughput;

/// <summary>
/// Packets through one bridge of the userspace datapath, from one workload to another: under Osc's flows, under a firewall with connection tracking that a person would write by hand and that means the
/// same, and under NORMAL alone; at 10 and at 10,000 rules; all in turns. What counts is the switch's processor time for a packet, which other work on the machine moves
/// least; what came through in a second is beside it.
/// </summary>
internal static class ThroughputBenchmark
{
    private const int Rounds = 5;
    private const int Few = 10;
    private const int Many = 10_000;
    private const int SmallBytes = 64;
    private const int LargeBytes = 1_400;

    /// <summary>Open connections that packets are spread over.</summary>
    private const int Open = 64;

    /// <summary>How much dearer 10,000 rules may be than 10 to count as flat.</summary>
    private const double Flat = 1.15;

    private static readonly TimeSpan Blast = TimeSpan.FromSeconds(1.5);

    public static async Task<int> RunAsync()
    {
        await using var lab = await TwoWorkloads.BuildAsync();
        Variant[] variants =
        [
            new("NORMAL", () => lab.InstallAsync(["priority=0,actions=NORMAL"])),
            .. new[] { Few, Many }.SelectMany(rules => (Variant[])
            [
                new(string.Create(CultureInfo.InvariantCulture, $"by hand, {rules:N0} rules"), () => lab.InstallAsync(lab.ByHand(rules))) { Rules = rules },
                new(string.Create(CultureInfo.InvariantCulture, $"Osc, {rules:N0} rules"), () => lab.InstallAsync(lab.Compiled(rules))) { Rules = rules },
            ]),
        ];
        Console.WriteLine($"Packets through a bridge, Open vSwitch userspace datapath [load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} on {Environment.ProcessorCount} cores]; medians of {Rounds}");
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var variant in variants)
            {
                await variant.Install();
                lab.Converse(variant.Rules, Open);
                variant.Small.Add(await lab.BlastAsync(Blast, SmallBytes, i => (i % Open, i % Open % variant.Rules)));
                variant.Large.Add(await lab.BlastAsync(Blast, LargeBytes, i => (i % Open, i % Open % variant.Rules)));
                await lab.ForgetConnectionsAsync();
                variant.New.Add(await lab.BlastAsync(Blast, SmallBytes, i => (Open + i, variant.Rules - 1 - (i % Few))));
                await lab.ForgetConnectionsAsync();
            }
        }

        Print("64-byte packets of open connections", "packets", variants, v => v.Small, SmallBytes);
        Print("1,400-byte packets of open connections", "packets", variants, v => v.Large, LargeBytes);
        Print("new connections, a packet each", "connections", variants, v => v.New, SmallBytes);
        var missed = 0;
        foreach (var (what, runs) in new (string, Func<Variant, List<Blasted>>)[] { ("64 bytes", v => v.Small), ("1,400 bytes", v => v.Large), ("new connections", v => v.New) })
        {
            var ratio = Cpu(runs(variants[^1])) / Cpu(runs(variants[2]));
            missed += ratio > Flat ? 1 : 0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: Osc at {Many:N0} rules takes {ratio:0.00} times what it takes at {Few} (flat: <= {Flat}){(ratio > Flat ? " !" : "")}"));
        }

        return missed;
    }

    private static void Print(string what, string unit, Variant[] variants, Func<Variant, List<Blasted>> runs, int bytes)
    {
        Console.WriteLine();
        Console.WriteLine($"{what,-44} {unit + "/s",16} {"Gbit/s",8} {"us CPU each",12} {"to NORMAL",10} {"to by hand",11} {"offered/s",12}");
        foreach (var (i, variant) in variants.Index())
        {
            var (rate, cpu) = (Median(runs(variant).Select(b => b.PerSecond)), Cpu(runs(variant)));
            var byHand = i > 0 && i % 2 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{cpu / Cpu(runs(variants[i - 1])):0.00}") : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {variant.Name,-42} {rate,16:N0} {rate * bytes * 8 / 1e9,8:0.00} {cpu,12:0.00} {cpu / Cpu(runs(variants[0])),10:0.00} {byHand,11} {Median(runs(variant).Select(b => b.OfferedPerSecond)),12:N0}"));
        }
    }

    private static double Cpu(IEnumerable<Blasted> runs) => Median(runs.Select(b => b.CpuMicroseconds));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    /// <summary>Flows to be measured, and what was.</summary>
    private sealed record Variant(string Name, Func<Task> Install)
    {
        public int Rules { get; init; } = Few;

        public List<Blasted> Small { get; } = [];

        public List<Blasted> Large { get; } = [];

        public List<Blasted> New { get; } = [];
    }
}
