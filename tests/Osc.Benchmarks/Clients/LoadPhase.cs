using System.Diagnostics;
using System.Globalization;

namespace Osc.Benchmarks.Clients;

/// <summary>A stretch of time in which clients work, and what is said of it.</summary>
internal static class LoadPhase
{
    private const string Row = "  {0,-44} {1,10:N0} {2,9:N1} {3,9:N2} {4,9:N2} {5,9:N2} {6,9:N1}";

    /// <param name="watch">null: the controller is not watched.</param>
    /// <param name="tally">Gets what became of the requests.</param>
    public static async Task RunAsync(string name, IReadOnlyList<Work> works, TimeSpan pause, TimeSpan length, MachineProbe probe, ControllerWatch? watch, Tally tally)
    {
        var machine = new Tally();
        foreach (var work in works)
        {
            work.Client.Tally = tally;
        }

        var before = ProcessorTime();
        var clock = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource(length);
        await Task.WhenAll([.. works.Select(w => Task.Run(() => w.RunAsync(pause, stop.Token))), probe.RunAsync(machine, stop.Token), watch?.RunAsync(stop.Token) ?? Task.CompletedTask]);
        Print(name, clock.Elapsed.TotalSeconds, tally, machine);
        if (watch is not null)
        {
            Print(watch.Samples, clock.Elapsed.TotalSeconds, ProcessorTime() - before);
        }
    }

    private static double ProcessorTime() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;

    private static void Print(string name, double seconds, Tally tally, Tally machine)
    {
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, {seconds:0} s, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}; milliseconds"));
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "  {0,-44} {1,10} {2,9} {3,9} {4,9} {5,9} {6,9}", "", "requests", "a second", "p50", "p90", "p99", "max"));
        foreach (var of in Enum.GetValues<RequestClass>())
        {
            Print(of == RequestClass.Read ? "READS" : "WRITES, DRY RUNS INCLUDED", tally.Sorted(of), seconds);
        }

        foreach (var (kind, times) in tally.Kinds)
        {
            Print($"{(times.Class == RequestClass.Read ? "r" : "w")} {kind}", times.Sorted(), seconds);
        }

        foreach (var (kind, times) in machine.Kinds)
        {
            Print($"beside it, {kind}", times.Sorted(), seconds);
        }

        Console.WriteLine($"  refused as documented: {string.Join("; ", tally.Refusals.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {r.Value}")).DefaultIfEmpty("none"))}");
        foreach (var (what, count) in tally.Events)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: {count:N0}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  failures: {tally.Failures}"));
    }

    private static void Print(string what, float[] sorted, double seconds) => Console.WriteLine(string.Format(
        CultureInfo.InvariantCulture, Row, what, sorted.Length, sorted.Length / seconds, Tally.At(sorted, 0.5), Tally.At(sorted, 0.9), Tally.At(sorted, 0.99), Tally.At(sorted, 1)));

    private static void Print(IReadOnlyList<ControllerSample> samples, double seconds, double ownSeconds)
    {
        Console.WriteLine("  controller      minute   resident MB   heap MB   cores   store MB   its log MB");
        for (var i = 1; i < samples.Count; i++)
        {
            // A line a minute, and of what is shorter all.
            if (samples.Count <= 12 || i % 6 == 0 || i == samples.Count - 1)
            {
                var (from, to) = (samples[Math.Max(0, i - 6)], samples[i]);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {"",14} {to.Minutes,7:0.0} {to.ResidentMegabytes,13:0} {to.HeapMegabytes,9:0} {(to.CpuSeconds - from.CpuSeconds) / ((to.Minutes - from.Minutes) * 60),7:0.00} {to.StoreMegabytes,10:0} {to.LogMegabytes,12:0}"));
            }
        }

        var third = samples.Count / 3;
        if (third > 0)
        {
            var (second, last) = (samples.Skip(third).Take(third).ToArray(), samples.Skip(2 * third).ToArray());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  the last third against the second: resident memory {last.Average(s => s.ResidentMegabytes) / second.Average(s => s.ResidentMegabytes):0.00}, heap {last.Average(s => s.HeapMegabytes) / second.Average(s => s.HeapMegabytes):0.00}; at most {samples.Max(s => s.ResidentMegabytes):0} MB resident"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  processor time: controller {samples[^1].CpuSeconds - samples[0].CpuSeconds:0} s, these clients {ownSeconds:0} s, of {seconds * Environment.ProcessorCount:0} s that there are"));
    }
}
