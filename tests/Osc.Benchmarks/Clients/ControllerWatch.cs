using System.Diagnostics;
using System.Globalization;
using Osc.Benchmarks.Delivery;

namespace Osc.Benchmarks.Clients;

/// <summary>What the controller held and had taken at a time.</summary>
/// <param name="Minutes">Since the watch began.</param>
/// <param name="HeapMegabytes">What the garbage collector left at its last collection.</param>
internal sealed record ControllerSample(double Minutes, double ResidentMegabytes, double HeapMegabytes, double CpuSeconds, double StoreMegabytes, double LogMegabytes);

/// <summary>Looks at the controller from outside, by proc(5) and its own metrics.</summary>
internal sealed class ControllerWatch(int process, HttpClient http, string store)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly List<ControllerSample> samples = [];

    public IReadOnlyList<ControllerSample> Samples => samples;

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                samples.Add(await LookAsync());
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            samples.Add(await LookAsync());
        }
    }

    public async Task<ControllerSample> LookAsync()
    {
        var use = ProcessUse.Of(process);
        var heap = MetricIn(await http.GetStringAsync("metrics"), "dotnet_gc_heap_bytes");
        return new(clock.Elapsed.TotalMinutes, use.Megabytes, heap / 1e6, use.CpuSeconds, SizeOf(store), SizeOf(store + "-wal"));
    }

    private static double SizeOf(string path) => File.Exists(path) ? new FileInfo(path).Length / 1e6 : 0;

    private static double MetricIn(string metrics, string name) =>
        double.Parse(metrics.Split('\n').First(l => l.StartsWith(name + " ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}
