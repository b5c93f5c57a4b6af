using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osc.Policy.Reach;

/// <summary>What may go from one group to another? As JSON.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReachQuestion
{
    /// <summary>"tenant/group", or a range ("192.0.2.0/24", "192.0.2.7"), which needs a vrf.</summary>
    public string? From { get; init; }

    /// <summary>Likewise.</summary>
    public string? To { get; init; }

    /// <summary>"tenant/vrf"; absent: every vrf in which both have addresses.</summary>
    public string? Vrf { get; init; }

    /// <exception cref="JsonException">The text is no question.</exception>
    public static ReachQuestion FromJson(string json) =>
        JsonSerializer.Deserialize(json, ReachJson.Default.ReachQuestion) ?? throw new JsonException("a question is a JSON object");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ReachQuestion))]
internal sealed partial class ReachJson : JsonSerializerContext;
