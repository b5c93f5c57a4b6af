using System.Text.Json.Serialization;

namespace Osc.Controller.Identities;

/// <summary>How the store keeps grants.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GrantText[]))]
internal sealed partial class IdentityJson : JsonSerializerContext;
