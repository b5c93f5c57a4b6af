using System.Text.Json;

namespace Osc.Cli.Server;

/// <summary>The answers of the REST API, as far as tables show them. Times are what the server says, to be shown in local time.</summary>
internal sealed record ChangeAnswer(long Revision, bool DryRun, IReadOnlyList<DocumentChange> Changes, IReadOnlyList<HostChange> Hosts);

internal sealed record DocumentChange(string Document, string Change);

internal sealed record HostChange(string Host, int Added, int Removed, int Flows);

/// <summary>A page of a list.</summary>
internal sealed record Page(IReadOnlyList<JsonElement> Items, string? Next);

internal sealed record HostAnswer(
    string Name,
    string State,
    long DesiredRevision,
    long AckedRevision,
    int Flows,
    string? Digest,
    string? AgentVersion,
    string? SwitchVersion,
    DateTimeOffset? LastSeen,
    IReadOnlyList<HostPort>? Ports,
    IReadOnlyList<string>? UnboundPorts,
    IReadOnlyList<string>? Warnings,
    string? Error);

internal sealed record HostPort(string? Bridge, string Name, int? Number, string? IfaceId, bool LinkUp);

internal sealed record RolloutAnswer(long Revision, DateTimeOffset Started, DateTimeOffset? Finished, int Acked, int Total, IReadOnlyList<HostRollout> Hosts)
{
    /// <summary>Whether no host is on its way any more.</summary>
    public bool IsOver => Hosts.All(h => h.State is "acked" or "refused");

    public bool IsRefused => Hosts.Any(h => h.State == "refused");
}

internal sealed record HostRollout(string Host, string State, DateTimeOffset? AckedAt, double? Milliseconds, string? Error);

internal sealed record RevisionAnswer(long Revision, DateTimeOffset Time, string Actor, string? Reason, int Changes);

internal sealed record AuditItem(
    long Sequence,
    DateTimeOffset Time,
    string Actor,
    string? Address,
    string Action,
    string? Tenant,
    string? Kind,
    string? Name,
    long Revision,
    string? Reason,
    string Outcome);
