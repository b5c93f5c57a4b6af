using Osc.Agent.Apply;
using Osc.Bus;
using Osc.Model;
using Osc.Switch.Reconcile;

namespace Osc.Agent.Report;

/// <summary>
/// Tells the controller of repairs, in order, each until the bus has taken it. What the bus does not take for long is dropped from
/// the oldest on, and counted.
/// </summary>
public sealed class DriftReporter(IAgentBus bus, Name host)
{
    /// <summary>Reports that wait for the bus.</summary>
    public const int MaxWaiting = 1_000;

    private readonly Queue<DriftReport> waiting = [];
    private int dropped;

    /// <param name="at">When the flows were right again.</param>
    public void Take(Repair repair, DateTimeOffset at)
    {
        if (waiting.Count == MaxWaiting)
        {
            waiting.Dequeue();
            dropped++;
        }

        var outcome = repair.Outcome;
        waiting.Enqueue(new(
            at, outcome.Bridge.Value, repair.Cause, outcome.Added, outcome.Modified, outcome.Removed, outcome.Duration.TotalMilliseconds,
            [.. outcome.Differences.Take(BusProtocol.MaxDriftedFlows).Select(d => new DriftedFlow(KindOf(d.Kind), Cut(d.Wanted), Cut(d.Found)))], 0));
    }

    /// <summary>Says what was not said yet, as far as the bus takes it.</summary>
    public async Task SayAsync(CancellationToken cancellation)
    {
        while (bus.IsConnected && waiting.TryPeek(out var report)
            && await bus.TrySendAsync(new() { Host = host.Value, Drift = report with { Unreported = dropped } }, cancellation))
        {
            waiting.Dequeue();
            dropped = 0;
        }
    }

    private static DriftKind KindOf(DifferenceKind kind) => kind switch
    {
        DifferenceKind.Missing => DriftKind.Missing,
        DifferenceKind.Changed => DriftKind.Changed,
        _ => DriftKind.Unwanted,
    };

    private static string? Cut(string? flow) => flow is { Length: > BusProtocol.MaxDetail } ? flow[..(BusProtocol.MaxDetail - 3)] + "..." : flow;
}
