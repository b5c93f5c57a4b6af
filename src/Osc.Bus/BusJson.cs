using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Osc.Bus;

/// <summary>
/// The messages' encoding: UTF-8 JSON, camelCase, enumerations as camelCase strings. Of the envelope only the part that is said is there; of a part every
/// member is there, null where it is not known. Unknown members are ignored so that a newer peer may say more. Whatever is read is checked against the limits of <see cref="BusProtocol"/>; what does
/// not pass comes back as an error text, never as an exception.
/// </summary>
public static class BusJson
{
    /// <summary>Flow text is full of quotes and plus signs; the default encoder, meant for HTML, would write six characters for each.</summary>
    private static readonly BusJsonContext Context =
        new(new(BusJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = null });

    /// <summary>For a serialiser that works on its own, as MassTransit's raw JSON: the same encoding, without the checks.</summary>
    public static JsonSerializerOptions Options => Context.Options;

    public static byte[] Encode(AgentMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Context.AgentMessage);

    public static byte[] Encode(ControllerMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Context.ControllerMessage);

    public static Decoded<AgentMessage> DecodeAgentMessage(ReadOnlySpan<byte> json) => Decode(json, Context.AgentMessage, MessageRules.Check);

    public static Decoded<ControllerMessage> DecodeControllerMessage(ReadOnlySpan<byte> json) => Decode(json, Context.ControllerMessage, MessageRules.Check);

    private static Decoded<T> Decode<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, Func<T, string?> check)
        where T : class
    {
        if (json.Length > BusProtocol.MaxMessageBytes)
        {
            return new(null, $"a message of {json.Length} bytes is longer than {BusProtocol.MaxMessageBytes}");
        }

        try
        {
            return JsonSerializer.Deserialize(json, type) is not { } message ? new(null, "the message is null")
                : check(message) is { } error ? new(null, error)
                : new(message, null);
        }
        catch (JsonException e)
        {
            return new(null, e.Message);
        }
    }
}

/// <summary>The generated serialisers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(AgentMessage))]
[JsonSerializable(typeof(ControllerMessage))]
internal sealed partial class BusJsonContext : JsonSerializerContext;

/// <summary>
/// Enumerations as camelCase strings. It stands at each enumeration and not among the options, because a serialiser that works on its own takes
/// types from here, and options of its own.
/// </summary>
public sealed class CamelCaseConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
