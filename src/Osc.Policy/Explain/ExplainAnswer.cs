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

    /// <summary>The revision that was asked; absent where documents without a history were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Revision { get; init; }

    /// <summary>neighbourDiscovery, dhcp or multicast, where that settled it before any policy was asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Settled { get; init; }

    /// <summary>The groups that name the two addresses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExplainGroups? Groups { get; init; }

    /// <summary>Verdict and sides alone, as in answers to many connections.</summary>
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

    /// <summary>Verdict and sides, and everything that explains them.</summary>
    public static ExplainAnswer Of(State state, Explanation explanation) => Of(explanation.Connection, explanation.Decision) with
    {
        Settled = explanation.Settled is { } settled ? EnumWords<SettledBy>.Of(settled) : null,
        Groups = new([.. explanation.Source.Groups.Select(ExplainGroup.Of)], [.. explanation.Destination.Groups.Select(ExplainGroup.Of)]),
        Out = explanation.Out is { } o ? ExplainSide.Of(state, o) : null,
        In = explanation.In is { } i ? ExplainSide.Of(state, i) : null,
    };

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

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ExplainQuestion))]
[JsonSerializable(typeof(ExplainAnswer))]
internal sealed partial class ExplainJson : JsonSerializerContext;
