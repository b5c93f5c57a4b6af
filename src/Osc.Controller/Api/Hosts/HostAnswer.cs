using Osc.Bus;
using Osc.Controller.Alarms;
using Osc.Controller.Api.Alarms;
using Osc.Controller.Delivery;
using Osc.Model.Health;
using Osc.Policy;
using Osc.Store.Alarms;

namespace Osc.Controller.Api.Hosts;

/// <summary>How a host stands, between what it should have and what it has.</summary>
/// <param name="State">docs/operations.md says what the states mean and what leads from one to the other.</param>
/// <param name="Since">Since when it is in this state, as far as this controller has seen.</param>
/// <param name="Error">Why it is not enforcing; empty if it is.</param>
/// <param name="DesiredRevision">The revision that last changed the host's flows; 0 if there is no Host document.</param>
/// <param name="AckedRevision">The revision whose flows the switch was last confirmed to have; 0 for none.</param>
/// <param name="Flows">How many flows the host should have.</param>
/// <param name="Digest">The digest of the flows that it should have.</param>
/// <param name="LastSeen">When its agent was last heard.</param>
/// <param name="Agent">What its agent last said of itself; null as long as this controller has not heard it.</param>
/// <param name="Ports">The switch's ports, as the agent last reported them.</param>
/// <param name="UnboundPorts">Ports that flows name and the switch does not have.</param>
/// <param name="Warnings">What a person should look at on the host.</param>
/// <param name="Alarms">Alarms of the host that stand, the worst first.</param>
public sealed record HostAnswer(
    string Name,
    HostState State,
    DateTimeOffset Since,
    string Error,
    long DesiredRevision,
    long AckedRevision,
    int Flows,
    string Digest,
    string? AgentVersion,
    string? SwitchVersion,
    DateTimeOffset? LastSeen,
    HostAgent? Agent,
    IReadOnlyList<HostPortAnswer> Ports,
    IReadOnlyList<string> UnboundPorts,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<AlarmAnswer> Alarms)
{
    /// <param name="state">Says whose ports they are.</param>
    /// <param name="alarms">Those of the host that stand.</param>
    public static HostAnswer Of(HostStatus status, State state, IEnumerable<Alarm> alarms)
    {
        var attached = status.Ports?.Bridges.SelectMany(b => b.Ports.Select(p => AttachedPort.Of(b.Bridge, p, state, status.Host))).ToArray() ?? [];
        return new(
            status.Host.Value,
            status.State,
            status.Since,
            status.Error,
            status.Desired.Number,
            status.Acked.Number,
            status.Flows,
            status.Digest,
            status.Hello?.AgentVersion,
            status.Hello?.SwitchVersion,
            status.LastSeen,
            status.Hello is { } hello ? HostAgent.Of(hello) : null,
            [.. attached.Select(HostPortAnswer.Of)],
            status.UnboundPorts,
            [.. status.Warnings, .. attached.SelectMany(p => p.Causes).Select(c => c.Detail)],
            [.. alarms.Select(AlarmAnswer.Of)]);
    }
}

/// <summary>What an agent said of itself in its last hello.</summary>
/// <param name="State">The state that it finds itself in; null from an older agent.</param>
/// <param name="Started">When its process started.</param>
/// <param name="HeldRevision">The revision that it holds on its disk.</param>
/// <param name="HeldDigest">The digest of the flows that it holds.</param>
/// <param name="HeldFlows">How many they are; null from an older agent.</param>
/// <param name="Bridges">The bridges of its switch.</param>
/// <param name="PortCount">How many ports they have; null from an older agent.</param>
/// <param name="HeartbeatSeconds">How often it says hello; null from an older agent.</param>
/// <param name="Datapaths">What the switch's datapaths counted: packets that had a flow, that needed a decision, that never got one.</param>
public sealed record HostAgent(
    string? State,
    DateTimeOffset Started,
    long HeldRevision,
    string HeldDigest,
    int? HeldFlows,
    IReadOnlyList<string> Bridges,
    int? PortCount,
    int? HeartbeatSeconds,
    IReadOnlyList<DatapathCounts> Datapaths)
{
    public static HostAgent Of(Hello hello) => new(
        hello.Health?.State, hello.Started, hello.Revision, hello.Digest, hello.Health?.Flows, hello.Bridges, hello.Health?.Ports, hello.Health?.HeartbeatSeconds, hello.Health?.Datapaths ?? []);
}
