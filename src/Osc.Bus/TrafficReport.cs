using System.Text.Json.Serialization;

namespace Osc.Bus;

/// <summary>
/// What packets met on a host since the report before: increments. A report is sent, the very same, until a <see cref="TrafficTaken"/>
/// names it; the controller adds up each but once. Rules travel by number, as flows carry them.
/// </summary>
/// <param name="Source">Names one series of reports: a new one begins where an agent has lost what it had kept.</param>
/// <param name="Sequence">Counts the reports of a source, from 1.</param>
/// <param name="Time">When the counts were read.</param>
/// <param name="Rules">Only of rules that were hit.</param>
/// <param name="Drops">Packets that ended where no rule decided, by pipeline table.</param>
/// <param name="Connections">What rules log, as far as their limits let it pass and the agent could keep it.</param>
public sealed record TrafficReport(
    string Source, long Sequence, DateTimeOffset Time, IReadOnlyList<RuleHits> Rules, IReadOnlyList<TableDrops> Drops, IReadOnlyList<LoggedConnection> Connections);

/// <summary>How often a rule took hold on one side, over all bridges.</summary>
/// <param name="Rule">The rule's number.</param>
/// <param name="Revision">One at which the number was the rule's: that of the flows that were hit.</param>
/// <param name="Side">out: at the source's workload; in: at the destination's.</param>
/// <param name="Logged">Whether the rule logged these packets.</param>
/// <param name="Packets">Packets that the rule decided: not those that follow on an open connection.</param>
public sealed record RuleHits(uint Rule, long Revision, TrafficSide Side, bool Logged, long Packets, long Bytes);

/// <param name="Table">The table's name.</param>
public sealed record TableDrops(string Table, long Packets, long Bytes);

/// <summary>A packet that a rule logged: the connection that it belongs to, in its original direction.</summary>
/// <param name="Rule">As in <see cref="RuleHits"/>.</param>
/// <param name="Revision">As in <see cref="RuleHits"/>.</param>
/// <param name="SourcePort">null where the protocol has no ports; so <paramref name="DestinationPort"/>.</param>
/// <param name="IcmpType">null but for ICMP and ICMPv6; so <paramref name="IcmpCode"/>.</param>
/// <param name="Bytes">Of the packet, as a frame.</param>
public sealed record LoggedConnection(
    DateTimeOffset Time,
    uint Rule,
    long Revision,
    TrafficSide Side,
    string Source,
    string Destination,
    byte Protocol,
    int? SourcePort,
    int? DestinationPort,
    int? IcmpType,
    int? IcmpCode,
    int Bytes);

[JsonConverter(typeof(CamelCaseConverter<TrafficSide>))]
public enum TrafficSide
{
    Out,
    In,
}
