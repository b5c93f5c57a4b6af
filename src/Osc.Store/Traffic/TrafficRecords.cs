namespace Osc.Store.Traffic;

public enum Side
{
    Out,
    In,
}

/// <summary>What one report of a host adds, with the rules' names in the place of their numbers.</summary>
/// <param name="Source">Names the host's series of reports.</param>
/// <param name="Sequence">Counts them; one that is not above the last of its source was added before.</param>
/// <param name="Names">Which rule a number meant from a revision on, as far as the store does not know it yet.</param>
public sealed record TrafficAddition(
    string Host,
    string Source,
    long Sequence,
    DateTimeOffset Time,
    IReadOnlyList<RuleAddition> Rules,
    IReadOnlyList<TableAddition> Drops,
    IReadOnlyList<ConnectionRecord> Connections,
    IReadOnlyList<RuleName> Names);

/// <param name="Logged">How many of the packets were to be logged.</param>
public sealed record RuleAddition(string Rule, Side Side, long Packets, long Bytes, long Logged);

public sealed record TableAddition(string Table, long Packets, long Bytes);

/// <summary>On a host a number means a rule from a revision on, until another binding.</summary>
public sealed record RuleName(string Host, long Number, long Revision, string Rule);

/// <summary>The hits of a rule at one side of one host, since they were first counted.</summary>
/// <param name="Logged">Packets that were to be logged.</param>
/// <param name="Reported">Of these, those that are connection records, or were until they grew old.</param>
public sealed record RuleCount(string Rule, string Host, Side Side, long Packets, long Bytes, long Logged, long Reported, DateTimeOffset LastHit);

/// <summary>Packets that ended in a table of a host's pipeline where no rule decided.</summary>
public sealed record DropCount(string Host, string Table, long Packets, long Bytes, DateTimeOffset LastHit);

/// <summary>A packet that a rule logged: its connection, in its original direction.</summary>
/// <param name="Id">Grows in the order of arrival; 0 before it is stored.</param>
/// <param name="Action">What the rule does, as it stood when the record came; empty where it stands no more.</param>
/// <param name="Mode">Likewise.</param>
public sealed record ConnectionRecord(
    long Id,
    DateTimeOffset Time,
    string Host,
    string Rule,
    Side Side,
    string Action,
    string Mode,
    string Source,
    string Destination,
    byte Protocol,
    int? SourcePort,
    int? DestinationPort,
    int? IcmpType,
    int? IcmpCode,
    int Bytes);

/// <summary>Which connection records. All that is given must hold.</summary>
public sealed record ConnectionQuery
{
    public const int MaxLimit = 1_000;

    public string? Tenant { get; init; }

    /// <summary>Only records of these tenants' rules.</summary>
    public TenantScope? Scope { get; init; }

    /// <summary>"tenant/policy".</summary>
    public string? Policy { get; init; }

    /// <summary>"tenant/policy/rule".</summary>
    public string? Rule { get; init; }

    public string? Host { get; init; }

    public string? Source { get; init; }

    public string? Destination { get; init; }

    public string? Action { get; init; }

    /// <summary>At this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only records with a lower id.</summary>
    public long? Before { get; init; }

    public int Limit { get; init; } = 100;
}

/// <summary>By what talkers are told apart.</summary>
public enum TalkerKey
{
    Rule,
    Source,
    Destination,
    Pair,
}

/// <summary>Who has how many connection records.</summary>
public sealed record Talker(string? Rule, string? Source, string? Destination, long Connections, long Bytes, DateTimeOffset LastSeen);

/// <summary>How much is kept.</summary>
/// <param name="Connections">The newest so many records.</param>
/// <param name="ConnectionAge">And none that is older.</param>
/// <param name="HitAge">Hits of rules that were hit since.</param>
public sealed record TrafficLimits(long Connections, TimeSpan ConnectionAge, TimeSpan HitAge)
{
    public static readonly TrafficLimits Default = new(1_000_000, TimeSpan.FromDays(30), TimeSpan.FromDays(400));
}
