namespace Osc.Controller.Api.Traffic;

/// <summary>What a rule has met, over all hosts that were asked for.</summary>
/// <param name="Rule">"tenant/policy/rule".</param>
/// <param name="Exists">Whether the rule stands now.</param>
/// <param name="Hits">Packets that it decided, or would have decided if it observes. A connection that passes two sides here hits twice.</param>
/// <param name="Unreported">Hits that were to be logged and are no connection record.</param>
/// <param name="LastHit">null: never.</param>
public sealed record RuleTrafficItem(string Rule, bool Exists, long Hits, long Bytes, long Unreported, DateTimeOffset? LastHit, IReadOnlyList<RuleSideItem> Sides);

/// <summary>The same at one side on one host.</summary>
/// <param name="Side">out: at the source's workload; in: at the destination's.</param>
/// <param name="Reported">Connection records there are, or were until they grew old.</param>
public sealed record RuleSideItem(string Host, string Side, long Hits, long Bytes, long Reported, long Unreported, DateTimeOffset LastHit);

/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record RuleTrafficList(IReadOnlyList<RuleTrafficItem> Items, string? Next);

/// <summary>A packet that a rule logged: its connection in its original direction.</summary>
/// <param name="Action">What the rule does, as it stood when the record came; empty if it stood no more.</param>
/// <param name="Mode">enforce, or observe: then the action is what would have been decided.</param>
/// <param name="Protocol">tcp, udp, sctp, icmp, icmpv6 or a number.</param>
/// <param name="Bytes">Of the packet, as a frame.</param>
public sealed record ConnectionItem(
    long Id,
    DateTimeOffset Time,
    string Host,
    string Rule,
    string Side,
    string Action,
    string Mode,
    string Source,
    string Destination,
    string Protocol,
    int? SourcePort,
    int? DestinationPort,
    int? IcmpType,
    int? IcmpCode,
    int Bytes);

/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record ConnectionList(IReadOnlyList<ConnectionItem> Items, string? Next);

/// <summary>Who has how many connection records.</summary>
/// <param name="Rule">null where it was not asked by rule; the others likewise.</param>
public sealed record TalkerItem(string? Rule, string? Source, string? Destination, long Connections, long Bytes, DateTimeOffset LastSeen);

/// <summary>The most talkative first.</summary>
public sealed record TalkerList(IReadOnlyList<TalkerItem> Items);

/// <summary>Packets of a host that ended where no rule decided.</summary>
/// <param name="Table">The table of the pipeline.</param>
public sealed record DropItem(string Host, string Table, long Packets, long Bytes, DateTimeOffset LastHit);

public sealed record DropList(IReadOnlyList<DropItem> Items);
