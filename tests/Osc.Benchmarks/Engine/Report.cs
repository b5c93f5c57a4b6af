using System.Globalization;

namespace Osc.Benchmarks.Engine;

/// <summary>A table of figures with what they shall be and what peers publish. Knows how many fell short.</summary>
internal sealed class Report
{
    public Report(string title)
    {
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title} [load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} on {Environment.ProcessorCount} cores]"));
        Console.WriteLine($"  {"",-66} {"median",10} {"p99",10} {"worst",10} {"wall p99",10} {"times",7} {"target",16}   peer");
    }

    /// <summary>How many figures were above their target.</summary>
    public int Missed { get; private set; }

    /// <summary>A line of times, in milliseconds.</summary>
    /// <param name="target">What the 99th percentile shall not pass, or the median where it was done fewer than a hundred times; null where nothing is asked.</param>
    /// <param name="byMedian">Whether it is the median that shall not pass it, however often it was done.</param>
    public void Times(string what, Samples samples, double? target = null, string peer = "", bool byMedian = false)
    {
        var isMany = samples.Count >= 100 && !byMedian;
        var word = target is { } limit ? string.Create(CultureInfo.InvariantCulture, $"{(isMany ? "p99" : "median")} <= {limit}") : "";
        Print(string.Create(CultureInfo.InvariantCulture, $"{samples.Median,10:N3} {samples.P99,10:N3} {samples.Worst,10:N3} {samples.PassedP99,10:N3} {samples.Count,7:N0}"), what, word, peer, (isMany ? samples.P99 : samples.Median) > target);
    }

    /// <summary>A line of one figure.</summary>
    /// <param name="isMissed">Whether it falls short of the target.</param>
    public void Figure(string what, double figure, string unit, string target = "", bool isMissed = false) =>
        Print(string.Create(CultureInfo.InvariantCulture, $"{figure,10:N0} {unit,-29}"), what, target, "", isMissed);

    /// <summary>What the process holds now, and how much more that is than it held before.</summary>
    /// <param name="target">What resident memory shall not pass, in MB.</param>
    public void Memory(string what, MemoryUse before, double? target = null, string peer = "")
    {
        var now = MemoryUse.Now();
        var word = target is { } limit ? string.Create(CultureInfo.InvariantCulture, $"resident <= {limit:N0}") : "";
        Print(string.Create(CultureInfo.InvariantCulture, $"heap {now.Heap,6:N0} MB (+{now.Heap - before.Heap:N0}), RSS {now.Resident,6:N0}"), what, word, peer, now.Resident > target);
    }

    private void Print(string figures, string what, string target, string peer, bool isMissed)
    {
        Missed += isMissed ? 1 : 0;
        Console.WriteLine($"  {what,-66} {figures,-51} {target,16} {(isMissed ? "!" : " ")} {peer}");
    }
}
