using System.Text.Json;
using Osc.Policy.Planning;

namespace Osc.Cli.Server;

/// <summary>The answers of the REST API, as far as tables show them. What has a default may be missing.</summary>
internal sealed record ChangeAnswer(long Revision, bool DryRun, IReadOnlyList<DocumentChange> Changes, IReadOnlyList<HostChange> Hosts, PlanEffects? Effects = null);

internal sealed record DocumentChange(string Document, string Change);

internal sealed record HostChange(string Host, int Added, int Removed, int Flows);

/// <summary>A page of a list.</summary>
internal sealed record Page(IReadOnlyList<JsonElement> Items, string? Next = null)
{
    public IEnumerable<T> Read<T>() => Items.Select(i => i.Deserialize<T>(Terminal.AnswerJson.Strict) ?? throw new JsonException("an item is null"));
}

internal sealed record HostAnswer(
    string Name,
    string State,
    long DesiredRevision,
    long AckedRevision,
    int Flows,
    string? Digest = null,
    string? AgentVersion = null,
    string? SwitchVersion = null,
    DateTimeOffset? LastSeen = null,
    IReadOnlyList<HostPort>? Ports = null,
    IReadOnlyList<string>? UnboundPorts = null,
    IReadOnlyList<string>? Warnings = null,
    string? Error = null,
    DateTimeOffset? Since = null,
    HostAgent? Agent = null,
    IReadOnlyList<AlarmAnswer>? Alarms = null);

internal sealed record HostAgent(
    string HeldDigest,
    DateTimeOffset Started,
    string? State = null,
    long HeldRevision = 0,
    int? HeldFlows = null,
    int? PortCount = null,
    int? HeartbeatSeconds = null,
    IReadOnlyList<Datapath>? Datapaths = null);

internal sealed record Datapath(string Name, long Hit, long Missed, long Lost);

internal sealed record AlarmAnswer(string Host, string Kind, string Severity, string Subject, string Detail, DateTimeOffset Since, DateTimeOffset? Cleared = null);

internal sealed record HostPort(
    string Name, string? Bridge = null, int? Number = null, string? IfaceId = null, bool LinkUp = false, IReadOnlyList<string>? Interfaces = null);

internal sealed record RolloutAnswer(long Revision, DateTimeOffset Started, int Acked, int Total, IReadOnlyList<HostRollout> Hosts, DateTimeOffset? Finished = null)
{
    /// <summary>Whether no host is on its way any more.</summary>
    public bool IsOver => Hosts.All(h => h.State is "acked" or "refused");

    public bool IsRefused => Hosts.Any(h => h.State == "refused");
}

internal sealed record HostRollout(string Host, string State, DateTimeOffset? AckedAt = null, double? Milliseconds = null, string? Error = null);

internal sealed record RevisionAnswer(long Revision, DateTimeOffset Time, string Actor, int Changes, string? Reason = null);

internal sealed record AuditItem(
    long Sequence,
    DateTimeOffset Time,
    string Actor,
    string Action,
    long Revision,
    string Outcome,
    string? Tenant = null,
    string? Kind = null,
    string? Name = null,
    string? Reason = null);

/// <summary>The header of a document.</summary>
internal sealed record DocumentAnswer(string Kind, MetadataAnswer Metadata);

internal sealed record MetadataAnswer(string Name, string Tenant = "default", IReadOnlyDictionary<string, string>? Labels = null);

internal sealed record RuleTraffic(string Rule, bool Exists, long Hits, long Bytes, long Unreported, DateTimeOffset? LastHit = null);

internal sealed record LoggedConnection(
    DateTimeOffset Time,
    string Host,
    string Rule,
    string Side,
    string Action,
    string Mode,
    string Source,
    string Destination,
    string Protocol,
    int Bytes,
    int? SourcePort = null,
    int? DestinationPort = null,
    int? IcmpType = null,
    int? IcmpCode = null)
{
    /// <summary>tcp/443, icmp/8/0, or the protocol alone.</summary>
    public string Service => DestinationPort is { } port ? FormattableString.Invariant($"{Protocol}/{port}")
        : IcmpType is { } type ? FormattableString.Invariant($"{Protocol}/{type}/{IcmpCode}")
        : Protocol;
}

internal sealed record Talker(long Connections, long Bytes, DateTimeOffset LastSeen, string? Rule = null, string? Source = null, string? Destination = null);

internal sealed record Drop(string Host, string Table, long Packets, long Bytes, DateTimeOffset LastHit);
