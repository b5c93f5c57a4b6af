namespace Osc.Bus;

/// <summary>How an agent finds itself, with every <see cref="Hello"/>. The faults are all that there are now: one that is no longer said is over.</summary>
/// <param name="State">The state that the agent is in as far as it can tell: the word of a <see cref="Osc.Model.Health.HostState"/>.</param>
/// <param name="HeartbeatSeconds">How often it says hello unasked. One that has missed three is taken for silent.</param>
/// <param name="Flows">How many flows it holds.</param>
/// <param name="Ports">How many ports its bridges have.</param>
/// <param name="Datapaths">What the switch's datapaths counted when they were last asked.</param>
public sealed record AgentHealth(string State, int HeartbeatSeconds, int Flows, int Ports, IReadOnlyList<Fault> Faults, IReadOnlyList<DatapathCounts> Datapaths);

/// <summary>Something that is wrong on a host now.</summary>
/// <param name="Kind">The name of an <see cref="Osc.Model.Health.AlarmKind"/>; a newer agent may say one that is not known here.</param>
/// <param name="Subject">What on the host it is about, the same as long as it lasts: "br-int", "br-int/vif1.0"; empty for the host as a whole.</param>
/// <param name="Detail">What is wrong, for people; may change while it lasts.</param>
public sealed record Fault(string Kind, string Subject, string Detail);

/// <summary>What a datapath of the switch counted since it was made.</summary>
/// <param name="Hit">Packets for which it had a flow.</param>
/// <param name="Missed">Packets for which it asked the switch daemon.</param>
/// <param name="Lost">Those of them that the daemon never got.</param>
public sealed record DatapathCounts(string Name, long Hit, long Missed, long Lost);
