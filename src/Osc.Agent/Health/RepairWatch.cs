using Osc.Agent.Apply;
using Osc.Bus;
using Osc.Model;
using Osc.Model.Health;

namespace Osc.Agent.Health;

/// <summary>
/// Tells whether somebody keeps changing a bridge's flows: <see cref="Enough"/> repairs within <see cref="Span"/> are a fault, until fewer
/// of them were within it. Each is reported by itself besides. What a restart of the agent or of the switch left to repair is nobody's doing.
/// </summary>
internal sealed class RepairWatch(TimeProvider time)
{
    /// <summary>One is an accident, and two may be one that came in two steps.</summary>
    public const int Enough = 3;

    public static readonly TimeSpan Span = TimeSpan.FromMinutes(10);

    /// <summary>When each bridge was last repaired, at most <see cref="Enough"/> times, the oldest first.</summary>
    private readonly SortedDictionary<PortName, Queue<long>> repairs = [];

    public IEnumerable<Fault> Faults => repairs
        .Where(r => r.Value.Count == Enough && time.GetElapsedTime(r.Value.Peek()) < Span)
        .Select(r => new Fault(AlarmKind.FlowsContested.Name, r.Key.Value,
            $"somebody keeps changing the flows of bridge {r.Key}: {Enough} repairs or more in {Span.TotalMinutes} minutes"));

    public void Take(Repair repair)
    {
        if (repair.Cause is not (DriftCause.FlowsChanged or DriftCause.BridgeChanged or DriftCause.PeriodicCheck))
        {
            return;
        }

        if (!repairs.TryGetValue(repair.Outcome.Bridge, out var last))
        {
            repairs.Add(repair.Outcome.Bridge, last = new(Enough));
        }

        if (last.Count == Enough)
        {
            last.Dequeue();
        }

        last.Enqueue(time.GetTimestamp());
    }
}
