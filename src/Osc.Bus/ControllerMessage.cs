using System.Text.Json.Serialization;

namespace Osc.Bus;

/// <summary>Everything the controller says to one host; exactly one of the optional parts is set.</summary>
public sealed record ControllerMessage
{
    public int Protocol { get; init; } = BusProtocol.Version;

    /// <summary>The host that is meant: the name of a Host document.</summary>
    public required string Host { get; init; }

    /// <summary>
    /// Which of the stores that have ever told the host what to do: larger for one that was begun, or restored from a backup, later (milliseconds since 1970).
    /// Within a generation revisions only grow; an agent takes nothing older than what it holds.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Generation { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Inquiry? Inquiry { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DeltaUpdate? Delta { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SnapshotChunk? Snapshot { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrafficTaken? TrafficTaken { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AuditCheckpoint? Checkpoint { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RenewedCertificate? Certificate { get; init; }
}

/// <summary>The answer to a <see cref="RenewalRequest"/>.</summary>
/// <param name="Certificate">PEM.</param>
public sealed record RenewedCertificate(string Certificate);

/// <summary>What the audit log is, for the agent to keep: so many witnesses cannot be made to forget.</summary>
/// <param name="Note">The signed checkpoint.</param>
/// <param name="From">The size of the checkpoint that the agent's <see cref="Hello"/> named; 0 for none.</param>
/// <param name="Proof">That the log was only added to since: hashes in base64 (RFC 9162, section 2.1.4).</param>
public sealed record AuditCheckpoint(string Note, long From, IReadOnlyList<string> Proof);

/// <summary>A report of traffic is stored, and need not be sent again.</summary>
/// <param name="Source">The report's.</param>
/// <param name="Sequence">The report's.</param>
public sealed record TrafficTaken(string Source, long Sequence);

/// <summary>Asks for a <see cref="Hello"/> and a <see cref="PortReport"/>.</summary>
/// <param name="Reason">Why, for the agent's log.</param>
public sealed record Inquiry(string Reason);

/// <summary>Turns the flows of one revision into those of another.</summary>
/// <param name="Update">Names the update in its <see cref="Ack"/> or <see cref="Refusal"/>.</param>
/// <param name="FromDigest">What the agent must hold for the delta to make sense.</param>
/// <param name="ToDigest">What it holds afterwards. An agent that holds it already acknowledges at once.</param>
public sealed record DeltaUpdate(string Update, long From, string FromDigest, long To, string ToDigest, IReadOnlyList<BridgeChange> Bridges);

/// <summary>The flows that one bridge loses and gets. A flow whose actions or cookie change is in both lists.</summary>
public sealed record BridgeChange(string Bridge, IReadOnlyList<string> Remove, IReadOnlyList<string> Add);

/// <summary>
/// A part of all flows of a host. The snapshot is whole when chunks 0 to <paramref name="Count"/> - 1 of one update have come,
/// in this order. Chunk 0 begins a snapshot and drops one that was begun before.
/// </summary>
public sealed record SnapshotChunk(string Update, long Revision, string Digest, int Index, int Count, IReadOnlyList<BridgeFlowTexts> Bridges);

public sealed record BridgeFlowTexts(string Bridge, IReadOnlyList<string> Flows);
