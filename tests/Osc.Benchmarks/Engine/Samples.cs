using System.Diagnostics;

namespace Osc.Benchmarks.Engine;

/// <summary>
/// Times of one thing, done again and again, in milliseconds. What counts is the lower of the time that passed and the processor time that
/// this process took: what else runs on the machine is left out.
/// </summary>
/// <param name="capacity">How many are expected, where what they take themselves shall not grow while they are taken.</param>
internal sealed class Samples(int capacity = 0)
{
    private readonly List<double> times = new(capacity);
    private readonly List<double> passed = new(capacity);

    public int Count => times.Count;

    public double Total => times.Sum();

    public double Median => At(times, 0.5);

    public double P99 => At(times, 0.99);

    public double Worst => At(times, 1);

    /// <summary>The 99th percentile of the time that passed, on the machine as it was.</summary>
    public double PassedP99 => At(passed, 0.99);

    /// <summary>Does it once and keeps how long it took.</summary>
    public T Add<T>(Func<T> work)
    {
        var (processor, started) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var result = work();
        passed.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        times.Add(Math.Min(passed[^1], (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds));
        return result;
    }

    private static double At(List<double> times, double share) => times.Order().ElementAt((int)Math.Ceiling(share * times.Count) - 1);
}
