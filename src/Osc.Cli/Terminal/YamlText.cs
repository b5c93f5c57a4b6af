using System.Text;
using System.Text.Json;

namespace Osc.Cli.Terminal;

/// <summary>JSON as YAML 1.2, block style. Strings that YAML could take for something else stand in JSON's quotes, which are YAML's too.</summary>
internal static class YamlText
{
    public static string Of(JsonElement element)
    {
        var text = new StringBuilder();
        Write(text, element, 0, false);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonElement element, int indent, bool isAfterDash)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when element.EnumerateObject().Any():
                foreach (var (index, field) in element.EnumerateObject().Index())
                {
                    Indent(text, indent, isAfterDash && index == 0).Append(Scalar(field.Name)).Append(':');
                    WriteBelow(text, field.Value, indent + (field.Value.ValueKind == JsonValueKind.Array ? 0 : 2));
                }

                break;
            case JsonValueKind.Array when element.GetArrayLength() > 0:
                foreach (var (index, item) in element.EnumerateArray().Index())
                {
                    Indent(text, indent, isAfterDash && index == 0).Append("- ");
                    Write(text, item, indent + 2, true);
                }

                break;
            default:
                text.Append(ScalarOf(element)).Append('\n');
                break;
        }
    }

    private static void WriteBelow(StringBuilder text, JsonElement value, int indent)
    {
        var isBlock = (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any()) || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0);
        text.Append(isBlock ? '\n' : ' ');
        Write(text, value, indent, false);
    }

    private static StringBuilder Indent(StringBuilder text, int indent, bool isInPlace) => isInPlace ? text : text.Append(' ', indent);

    private static string ScalarOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{}",
        JsonValueKind.Array => "[]",
        JsonValueKind.String => Scalar(element.GetString() ?? ""),
        _ => element.GetRawText(),
    };

    private static string Scalar(string value)
    {
        var isPlain = value.Length > 0
            && char.IsAsciiLetter(value[0])
            && value[^1] != ' '
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-' or '_' or '.' or '/' or '=' or '+')
            && value.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
        return isPlain ? value : JsonSerializer.Serialize(value, AnswerJson.Compact);
    }
}
