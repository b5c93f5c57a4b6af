using System.Diagnostics;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.Traffic;

namespace Osc.Benchmarks.Traffic;

/// <summary>A source of counts that tells how often it was read, and how long that took.</summary>
internal sealed class WatchedSource(ITrafficSource source) : ITrafficSource
{
    private readonly Lock gate = new();
    private readonly List<double> times = [];
    private readonly TaskCompletionSource read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long begin;

    public event Action<PacketIn>? PacketLogged
    {
        add => source.PacketLogged += value;
        remove => source.PacketLogged -= value;
    }

    public event Action<FlowCount>? FlowRemoved
    {
        add => source.FlowRemoved += value;
        remove => source.FlowRemoved -= value;
    }

    public int Readings
    {
        get
        {
            lock (gate)
            {
                return times.Count;
            }
        }
    }

    /// <summary>How long a reading took, in the middle; 0 where there was none.</summary>
    public double Milliseconds
    {
        get
        {
            lock (gate)
            {
                return times.Count == 0 ? 0 : times.Order().ElementAt(times.Count / 2);
            }
        }
    }

    /// <summary>Waits until the bridge was read.</summary>
    public Task UntilReadAsync() => read.Task;

    /// <summary>What was read so far does not count.</summary>
    public void Forget()
    {
        lock (gate)
        {
            times.Clear();
        }
    }

    public Task<IReadOnlyList<FlowCount>?> CountRulesAsync(PortName bridge, CancellationToken cancellation)
    {
        begin = Stopwatch.GetTimestamp();
        return source.CountRulesAsync(bridge, cancellation);
    }

    /// <summary>The second half of a reading.</summary>
    public async Task<IReadOnlyList<FlowCount>?> CountDropsAsync(PortName bridge, CancellationToken cancellation)
    {
        var counts = await source.CountDropsAsync(bridge, cancellation);
        lock (gate)
        {
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        read.TrySetResult();
        return counts;
    }
}
