using System.Diagnostics;

namespace Osc.Benchmarks.Engine;

/// <summary>Times of one thing, done again and again, in milliseconds.</summary>
internal sealed class Samples
{
    private readonly List<double> times = [];

    public int Count => times.Count;

    public double Median => At(0.5);

    public double P99 => At(0.99);

    public double Worst => At(1);

    /// <summary>Does it once and keeps how long it took.</summary>
    public T Add<T>(Func<T> work)
    {
        var started = Stopwatch.GetTimestamp();
        var result = work();
        times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return result;
    }

    private double At(double share) => times.Order().ElementAt((int)Math.Ceiling(share * times.Count) - 1);
}
