using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osc.Cli.Terminal;

/// <summary>How answers are written and read.</summary>
internal static class AnswerJson
{
    public static readonly JsonSerializerOptions Compact = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static readonly JsonSerializerOptions Indented = new(Compact) { WriteIndented = true, NewLine = "\n" };

    /// <summary>For what another process sent: what is missing is an error here and not a surprise later.</summary>
    public static readonly JsonSerializerOptions Strict = new(Compact) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    public static JsonElement Of<T>(T answer) => JsonSerializer.SerializeToElement(answer, Compact);
}
