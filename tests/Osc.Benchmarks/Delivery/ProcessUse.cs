using System.Globalization;

namespace Osc.Benchmarks.Delivery;

/// <summary>What a process has taken so far (proc(5)).</summary>
/// <param name="CpuSeconds">User and system time.</param>
/// <param name="Megabytes">Resident memory.</param>
internal readonly record struct ProcessUse(double CpuSeconds, double Megabytes)
{
    private const double TicksPerSecond = 100; // USER_HZ

    public static ProcessUse Of(int process)
    {
        var directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}");
        var fields = File.ReadAllText(Path.Combine(directory, "stat")).Split(") ")[^1].Split(' ');
        var resident = File.ReadLines(Path.Combine(directory, "status")).First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return new((Number(fields[11]) + Number(fields[12])) / TicksPerSecond, Number(resident) / 1024);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
