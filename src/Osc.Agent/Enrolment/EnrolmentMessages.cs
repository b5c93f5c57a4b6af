using System.Text.Json.Serialization;

namespace Osc.Agent.Enrolment;

/// <param name="Request">A certificate request (PKCS #10), in PEM.</param>
internal sealed record EnrolmentQuestion(string Host, string Code, string Request);

/// <param name="Certificate">PEM: who the agent is to the broker.</param>
/// <param name="Authority">PEM: who signs the broker's certificate.</param>
/// <param name="Broker">Where the broker is.</param>
internal sealed record EnrolmentAnswer(string Certificate, string Authority, string Broker);

/// <summary>What an API says that refuses something (RFC 9457).</summary>
internal sealed record EnrolmentProblem(string? Title = null, string? Detail = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EnrolmentQuestion))]
[JsonSerializable(typeof(EnrolmentAnswer))]
[JsonSerializable(typeof(EnrolmentProblem))]
internal sealed partial class EnrolmentJson : JsonSerializerContext;
