namespace Osc.Bus;

/// <summary>The version of the messages below. A peer that speaks another one is refused with a clear reason.</summary>
public static class BusProtocol
{
    public const int Version = 1;

    /// <summary>At most this many flows travel in one message.</summary>
    public const int MaxFlowsInMessage = 2_000;
}

/// <summary>
/// Everything an agent says; exactly one of the optional parts is set. One envelope for each direction, because a raw JSON
/// message does not name its type. Flows travel as their canonical text (<see cref="Osc.Flows.FlowText"/>), digests as 32
/// hexadecimal digits.
/// </summary>
public sealed record AgentMessage
{
    public int Protocol { get; init; } = BusProtocol.Version;

    /// <summary>The host that the agent serves: the name of a Host document.</summary>
    public required string Host { get; init; }

    public Hello? Hello { get; init; }

    public Ack? Ack { get; init; }

    public Refusal? Refusal { get; init; }

    public PortReport? Ports { get; init; }
}

/// <summary>Sent on every connection to the bus, on <see cref="Inquiry"/>, and from time to time: what the agent holds.</summary>
/// <param name="Revision">The revision that the switch was last confirmed to have; 0 for none.</param>
/// <param name="Digest">The digest of its flows (<see cref="Osc.Flows.HostFlows.Digest"/>).</param>
/// <param name="Started">When this agent process started, so that a restart is seen.</param>
public sealed record Hello(string AgentVersion, long Revision, string Digest, string? SwitchVersion, DateTimeOffset Started, IReadOnlyList<string> Bridges);

/// <summary>The switch confirmed an update by a barrier.</summary>
/// <param name="Update">The update's id.</param>
/// <param name="UnboundPorts">Ports that the flows name and the switch does not have (yet): their flows wait in the agent.</param>
public sealed record Ack(string Update, long Revision, string Digest, int Flows, double Milliseconds, IReadOnlyList<string> UnboundPorts);

/// <summary>Why an update was not applied.</summary>
public enum RefusalReason
{
    /// <summary>The agent does not hold the delta's base, or a chunk is missing: it asks for a snapshot.</summary>
    WrongBase,

    /// <summary>The flows do not add up to the digest that was announced: it asks for a snapshot.</summary>
    WrongDigest,

    /// <summary>The switch refused flows; nothing of the update is in force.</summary>
    SwitchError,

    /// <summary>The switch cannot be reached.</summary>
    SwitchUnavailable,

    /// <summary>The message cannot be understood.</summary>
    Malformed,
}

/// <summary>An update was not applied; what was in force before still is.</summary>
public sealed record Refusal(string Update, long Revision, RefusalReason Reason, string Detail, IReadOnlyList<RefusedFlow> Flows);

/// <summary>A flow that the switch refused, with the switch's own error.</summary>
public sealed record RefusedFlow(string Bridge, string Flow, string Error);

/// <summary>The switch ports of all bridges; sent on connection and on every change.</summary>
public sealed record PortReport(IReadOnlyList<BridgePorts> Bridges);

public sealed record BridgePorts(string Bridge, IReadOnlyList<Port> Ports);

/// <param name="Name">The OVS interface name.</param>
/// <param name="OpenFlowPort">The port's number; null while the switch has not given it one.</param>
public sealed record Port(string Name, int? OpenFlowPort, string? IfaceId, string? XsVifUuid, string? AttachedMac, bool LinkUp);

/// <summary>Everything the controller says to one host; exactly one of the optional parts is set.</summary>
public sealed record ControllerMessage
{
    public int Protocol { get; init; } = BusProtocol.Version;

    public required string Host { get; init; }

    public Inquiry? Inquiry { get; init; }

    public DeltaUpdate? Delta { get; init; }

    public SnapshotChunk? Snapshot { get; init; }
}

/// <summary>Asks for a <see cref="Hello"/>.</summary>
public sealed record Inquiry(string Reason);

/// <summary>Turns the flows of one revision into those of another.</summary>
/// <param name="Update">Names the update in its <see cref="Ack"/> or <see cref="Refusal"/>.</param>
/// <param name="FromDigest">What the agent must hold for the delta to make sense.</param>
public sealed record DeltaUpdate(string Update, long From, string FromDigest, long To, string ToDigest, IReadOnlyList<BridgeChange> Bridges);

public sealed record BridgeChange(string Bridge, IReadOnlyList<string> Remove, IReadOnlyList<string> Add);

/// <summary>A part of all flows of a host. The snapshot is whole when chunks 0 to <paramref name="Count"/> - 1 of one update are there.</summary>
public sealed record SnapshotChunk(string Update, long Revision, string Digest, int Index, int Count, IReadOnlyList<BridgeFlowTexts> Bridges);

public sealed record BridgeFlowTexts(string Bridge, IReadOnlyList<string> Flows);
