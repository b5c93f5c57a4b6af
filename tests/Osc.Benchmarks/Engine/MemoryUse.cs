using System.Globalization;

namespace Osc.Benchmarks.Engine;

/// <summary>What this process holds, in MB of a million bytes.</summary>
/// <param name="Heap">What is left after everything that can be collected was.</param>
/// <param name="Resident">What the system has given it, garbage and program included.</param>
/// <param name="Peak">The most that it had been given.</param>
internal readonly record struct MemoryUse(double Heap, double Resident, double Peak)
{
    private const double Megabyte = 1e6;

    public static MemoryUse Now()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new(GC.GetTotalMemory(forceFullCollection: true) / Megabyte, KibibytesOf("VmRSS:") * 1_024 / Megabyte, KibibytesOf("VmHWM:") * 1_024 / Megabyte);
    }

    private static double KibibytesOf(string line) => double.Parse(
        File.ReadLines("/proc/self/status").First(l => l.StartsWith(line, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
