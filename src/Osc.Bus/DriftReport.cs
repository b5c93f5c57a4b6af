using System.Text.Json.Serialization;

namespace Osc.Bus;

/// <summary>What had the agent look at a bridge whose flows it took for right.</summary>
[JsonConverter(typeof(CamelCaseConverter<DriftCause>))]
public enum DriftCause
{
    /// <summary>The agent started: it happened while it was away.</summary>
    AgentStarted,

    /// <summary>The switch told of somebody else's change of flows.</summary>
    FlowsChanged,

    /// <summary>The bridge's fail_mode or its controllers changed in the switch's database.</summary>
    BridgeChanged,

    /// <summary>The connection to the bridge ended, or the switch's database was away: it restarted, or the bridge was made anew.</summary>
    SwitchLost,

    /// <summary>Nothing: the periodic comparison found it.</summary>
    PeriodicCheck,
}

/// <summary>How a flow differed from what the agent had put there.</summary>
[JsonConverter(typeof(CamelCaseConverter<DriftKind>))]
public enum DriftKind
{
    Missing,
    Changed,
    Unwanted,
}

/// <summary>
/// Flows of a bridge were not as the agent had left them, and are again. Sent once for each repair; kept in the agent's memory while the
/// bus is away.
/// </summary>
/// <param name="At">When they were right again.</param>
/// <param name="Missing">How many flows were gone.</param>
/// <param name="Changed">How many were other ones, or others' flows in their place.</param>
/// <param name="Unwanted">How many bore Osc's cookie and were not the agent's.</param>
/// <param name="Milliseconds">What the comparison and the repair took.</param>
/// <param name="Flows">The first of them, at most <see cref="BusProtocol.MaxDriftedFlows"/>.</param>
/// <param name="Unreported">How many reports before this one the agent had to drop, because the bus was away for long.</param>
public sealed record DriftReport(
    DateTimeOffset At,
    string Bridge,
    DriftCause Cause,
    int Missing,
    int Changed,
    int Unwanted,
    double Milliseconds,
    IReadOnlyList<DriftedFlow> Flows,
    int Unreported);

/// <param name="Wanted">The flow that should be there; null for one that should not.</param>
/// <param name="Found">The flow that was there; null where none was.</param>
public sealed record DriftedFlow(DriftKind Kind, string? Wanted, string? Found);
