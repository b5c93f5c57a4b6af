using System.Text.Json.Serialization;

namespace Osc.Bus;

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

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Hello? Hello { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Ack? Ack { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Refusal? Refusal { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PortReport? Ports { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DriftReport? Drift { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrafficReport? Traffic { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RenewalRequest? Renewal { get; init; }
}

/// <summary>Asks for a certificate in place of the one by which the broker knows the agent, for the same key.</summary>
/// <param name="Request">PKCS #10, in PEM.</param>
public sealed record RenewalRequest(string Request);

/// <summary>
/// What the agent holds. Sent on every connection to the bus, on <see cref="Inquiry"/>, whenever <paramref name="Problem"/>
/// or the <paramref name="Health"/>'s faults change, and from time to time.
/// </summary>
/// <param name="Revision">The revision that the agent holds on its disk, the base for a delta; 0 for none.</param>
/// <param name="Digest">The digest of its flows (<see cref="Osc.Flows.HostFlows.Digest"/>).</param>
/// <param name="SwitchVersion">As the switch itself says it; null while the switch is out of reach.</param>
/// <param name="Started">When this agent process started, so that a restart is seen.</param>
/// <param name="Bridges">The bridges that the switch has.</param>
/// <param name="Problem">
/// null: the switch confirmed by a barrier that exactly these flows are in force, as good as an ack of the revision.
/// Otherwise why that cannot be said now; the agent keeps trying and says hello again when it can.
/// </param>
/// <param name="Health">How the agent finds itself; null from one that does not say.</param>
/// <param name="Checkpoint">The last checkpoint of the audit log that the agent saw and keeps; null for none.</param>
public sealed record Hello(
    string AgentVersion, long Revision, string Digest, string? SwitchVersion, DateTimeOffset Started, IReadOnlyList<string> Bridges, string? Problem = null, AgentHealth? Health = null, string? Checkpoint = null);

/// <summary>The switch confirmed an update by a barrier, and it is on the agent's disk.</summary>
/// <param name="Update">The update's id.</param>
/// <param name="Flows">How many flows the revision has, those of unbound ports included.</param>
/// <param name="Milliseconds">From the arrival of the update's last message to this ack.</param>
/// <param name="UnboundPorts">Ports that the flows name and the switch does not have (yet): their flows wait in the agent.</param>
public sealed record Ack(string Update, long Revision, string Digest, int Flows, double Milliseconds, IReadOnlyList<string> UnboundPorts);

/// <summary>Why an update was not applied.</summary>
[JsonConverter(typeof(CamelCaseConverter<RefusalReason>))]
public enum RefusalReason
{
    /// <summary>The agent does not hold the delta's base, or a chunk is missing: it asks for a snapshot.</summary>
    WrongBase,

    /// <summary>The flows do not add up to the digest that was announced: it asks for a snapshot.</summary>
    WrongDigest,

    /// <summary>The switch refused flows; nothing of the update is in force.</summary>
    SwitchError,

    /// <summary>
    /// The switch, or one of the bridges, cannot be reached. The agent keeps the update and applies it when it can, then says
    /// hello; to send it again before that is of no use.
    /// </summary>
    SwitchUnavailable,

    /// <summary>The message cannot be understood.</summary>
    Malformed,

    /// <summary>The agent cannot keep the update on its disk, so it does not apply it.</summary>
    NotKept,

    /// <summary>The update is older than what the agent holds: a message of the past, or a controller whose store was set back without being told so.</summary>
    Stale,
}

/// <summary>An update is not in force; unless the reason says otherwise, what was in force before still is.</summary>
/// <param name="Update">The update's id; empty where the message was too broken to have one.</param>
public sealed record Refusal(string Update, long Revision, RefusalReason Reason, string Detail, IReadOnlyList<RefusedFlow> Flows);

/// <summary>A flow that the switch refused, with the switch's own error.</summary>
public sealed record RefusedFlow(string Bridge, string Flow, string Error);

/// <summary>The switch ports of all bridges; sent on connection and on every change.</summary>
/// <param name="UnboundPorts">Ports that the flows name and the switch does not have.</param>
/// <param name="Warnings">What a person should look at: a bridge that is not fail_mode=secure, a name that two ports claim.</param>
public sealed record PortReport(IReadOnlyList<BridgePorts> Bridges, IReadOnlyList<string> UnboundPorts, IReadOnlyList<string> Warnings);

public sealed record BridgePorts(string Bridge, IReadOnlyList<Port> Ports);

/// <param name="Name">The OVS interface name.</param>
/// <param name="OpenFlowPort">The port's number; null while the switch has not given it one.</param>
/// <param name="IfaceId">The interface's external_ids iface-id.</param>
/// <param name="XsVifUuid">The interface's external_ids xs-vif-uuid.</param>
/// <param name="AttachedMac">The interface's external_ids attached-mac.</param>
/// <param name="Vif">The Xen guest's interface that the port is, where the host has Xen's store.</param>
public sealed record Port(string Name, int? OpenFlowPort, string? IfaceId, string? XsVifUuid, string? AttachedMac, bool LinkUp, PortVif? Vif = null);

/// <summary>A Xen guest's network interface, as the host's toolstack wrote it into Xen's store.</summary>
/// <param name="Domain">The guest's domain id.</param>
/// <param name="Handle">The interface's number in its guest.</param>
/// <param name="Guest">The guest's uuid; null where the host may not read it, as a driver domain may not.</param>
public sealed record PortVif(int Domain, int Handle, string? Mac, string? Guest);
