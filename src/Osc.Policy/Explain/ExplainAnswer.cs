using System.Text.Json;
using System.Text.Json.Serialization;
using Osc.Model;

namespace Osc.Policy.Explain;

/// <summary>A connection and what becomes of it, as JSON.</summary>
public sealed record ExplainAnswer
{
    /// <summary>What stands in place of a rule where none decided.</summary>
    public const string DefaultRule = "default";

    public required string Vrf { get; init; }

    public required string Source { get; init; }

    public required string Destination { get; init; }

    /// <summary>The protocol's name, or its number.</summary>
    public required string Protocol { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DestinationPort { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? IcmpType { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? IcmpCode { get; init; }

    /// <summary>allow, drop or reject.</summary>
    public required string Verdict { get; init; }

    /// <summary>The side of the workload that owns the source address; absent if none does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExplainSide? Out { get; init; }

    /// <summary>The side of the workload that owns the destination address; absent if none does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExplainSide? In { get; init; }

    public static ExplainAnswer Of(Connection connection, Decision decision)
    {
        var hasPorts = IpProtocol.HasPorts(connection.Protocol);
        var hasType = IpProtocol.HasIcmpType(connection.Protocol);
        return new()
        {
            Vrf = connection.Vrf.ToString(),
            Source = connection.Source.ToString(),
            Destination = connection.Destination.ToString(),
            Protocol = IpProtocol.NameOf(connection.Protocol),
            DestinationPort = hasPorts ? connection.DestinationPort : null,
            IcmpType = hasType ? connection.IcmpType : null,
            IcmpCode = hasType ? connection.IcmpCode : null,
            Verdict = WordOf(decision.Verdict),
            Out = decision.Out is { } o ? ExplainSide.Of(o) : null,
            In = decision.In is { } i ? ExplainSide.Of(i) : null,
        };
    }

    /// <summary>One line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ExplainJson.Default.ExplainAnswer);

    internal static string WordOf(Verdict verdict) => verdict switch
    {
        Model.Verdict.Allow => "allow",
        Model.Verdict.Drop => "drop",
        Model.Verdict.Reject => "reject",
        _ => throw new InvalidOperationException($"no such verdict: {verdict}"),
    };
}

/// <summary>What one side decided.</summary>
/// <param name="Workload">"tenant/workload".</param>
/// <param name="Action">allow, drop or reject.</param>
/// <param name="Rule">"tenant/policy/rule", or "default" where none decided.</param>
/// <param name="Chain">The inspection chain, where one applies.</param>
public sealed record ExplainSide(
    string Workload,
    string Action,
    string Rule,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Chain)
{
    public static ExplainSide Of(SideDecision side) =>
        new(side.Workload.ToString(), ExplainAnswer.WordOf(side.Verdict), side.Rule?.ToString() ?? ExplainAnswer.DefaultRule, side.Chain?.ToString());
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExplainQuestion))]
[JsonSerializable(typeof(ExplainAnswer))]
internal sealed partial class ExplainJson : JsonSerializerContext;
