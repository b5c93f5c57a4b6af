using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osc.Policy.Explain;

/// <summary>
/// A question about a connection, as JSON. Either by its ends (from, to, service; vrf where neither end says it), or as a
/// connection (vrf, source, destination, protocol, and destinationPort or icmpType and icmpCode).
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ExplainQuestion
{
    /// <summary>"tenant/workload", "tenant/workload/interface" or an address.</summary>
    public string? From { get; init; }

    /// <summary>"tenant/workload", "tenant/workload/interface" or an address.</summary>
    public string? To { get; init; }

    /// <summary>"tcp/5432", "udp/53", "icmp/8", "proto/47", ...: one, without a range.</summary>
    public string? Service { get; init; }

    /// <summary>"tenant/vrf".</summary>
    public string? Vrf { get; init; }

    public string? Source { get; init; }

    public string? Destination { get; init; }

    /// <summary>A name (tcp, udp, sctp, icmp, icmpv6) or a number.</summary>
    public JsonElement? Protocol { get; init; }

    public int? DestinationPort { get; init; }

    public int? SourcePort { get; init; }

    public int? IcmpType { get; init; }

    public int? IcmpCode { get; init; }

    /// <summary>Whether it is asked by a connection's fields, and not by ends.</summary>
    [JsonIgnore]
    public bool IsConnection => Source is not null || Destination is not null || Protocol is not null;

    /// <exception cref="JsonException">The text is no question.</exception>
    public static ExplainQuestion FromJson(string json) =>
        JsonSerializer.Deserialize(json, ExplainJson.Default.ExplainQuestion) ?? throw new JsonException("a question is a JSON object");
}
