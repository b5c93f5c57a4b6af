using Osc.Model;

namespace Osc.Flows.Simulation;

/// <summary>A packet as it left the switch.</summary>
public sealed record SentPacket(PortName Port, Packet Packet);

/// <summary>One table lookup.</summary>
/// <param name="Flow">The flow that was found; null is a table miss.</param>
/// <param name="Rival">
/// Another flow of the same priority that matches too and does something else. A real switch may take either: a fault of the flows.
/// </param>
public readonly record struct TraceStep(byte Table, Flow? Flow, Flow? Rival)
{
    public override string ToString() => Flow?.ToString() ?? $"table={Table}: no flow";
}

/// <summary>What became of a packet.</summary>
/// <param name="Outputs">In the order in which they were sent; empty: dropped.</param>
/// <param name="Trace">Every lookup, in order.</param>
public sealed record SimulationResult(ValueList<SentPacket> Outputs, ValueList<TraceStep> Trace)
{
    public bool IsDropped => Outputs.Count == 0;

    /// <summary>Where a dropped packet ended: the last lookup. Null if the packet was sent.</summary>
    public TraceStep? DroppedIn => IsDropped ? Trace[^1] : null;

    /// <summary>A lookup that a real switch may answer otherwise; null if there is none.</summary>
    public TraceStep? Ambiguity => Trace.Where(s => s.Rival is not null).Select(s => (TraceStep?)s).FirstOrDefault();
}
