using Osc.Model;
using Osc.Switch;

namespace Osc.Agent.Observe;

/// <summary>
/// When to look at a bridge because somebody else changed its flows. At once, for the first change; while changes go on, with pauses in
/// proportion to what a look takes, so that neither a busy neighbour in the bridge nor another program that fights for
/// the same flows can keep the switch from its work. Changes that come while a look is due are seen by that look.
/// </summary>
/// <param name="look">Called when it is time to look, from any thread; returns at once, and is answered by <see cref="Begin"/> and then <see cref="End"/>.</param>
internal sealed class DriftWatch(TimeProvider time, Action<PortName> look) : IDisposable
{
    /// <summary>Of the switch's time goes, at most, one part in four to flows of ours that somebody keeps changing,</summary>
    private const int PauseForOurs = 3;

    /// <summary>and one in eleven to looking whether changes of others' flows had to do with ours.</summary>
    private const int PauseForOthers = 10;

    private readonly Lock gate = new();
    private readonly long start = time.GetTimestamp();
    private readonly Dictionary<PortName, Watched> bridges = [];

    public void Take(FlowsTouched touched)
    {
        lock (gate)
        {
            if (!bridges.TryGetValue(touched.Bridge, out var bridge))
            {
                bridges.Add(touched.Bridge, bridge = new(time.CreateTimer(_ => look(touched.Bridge), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)));
            }

            var at = bridge.Ended + (bridge.Took * (touched.Owner == FlowOwner.Osc ? PauseForOurs : PauseForOthers));
            if (bridge.LookAt is { } planned && planned <= at)
            {
                return;
            }

            bridge.LookAt = at;
            var pause = at - Now;
            if (pause > TimeSpan.Zero)
            {
                bridge.Timer.Change(pause, Timeout.InfiniteTimeSpan);
            }
            else
            {
                bridge.Timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                look(touched.Bridge);
            }
        }
    }

    /// <summary>The look begins: what changes from now on asks for another one.</summary>
    public void Begin(PortName name)
    {
        lock (gate)
        {
            if (bridges.TryGetValue(name, out var bridge))
            {
                bridge.LookAt = null;
            }
        }
    }

    /// <param name="took">How long the look took, repairs included.</param>
    public void End(PortName name, TimeSpan took)
    {
        lock (gate)
        {
            if (bridges.TryGetValue(name, out var bridge))
            {
                (bridge.Ended, bridge.Took) = (Now, took);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (var bridge in bridges.Values)
            {
                bridge.Timer.Dispose();
            }
        }
    }

    /// <summary>By a clock that is never set.</summary>
    private TimeSpan Now => time.GetElapsedTime(start);

    private sealed class Watched(ITimer timer)
    {
        public ITimer Timer { get; } = timer;

        /// <summary>When a look is due, since the beginning; null while none is.</summary>
        public TimeSpan? LookAt { get; set; }

        public TimeSpan Ended { get; set; }

        public TimeSpan Took { get; set; }
    }
}
