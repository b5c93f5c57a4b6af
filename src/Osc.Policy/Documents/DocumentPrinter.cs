using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>
/// Prints documents canonically: equal documents give the same bytes, and reading what was printed gives an equal document.
/// Fields stand in a fixed order and defaults are left out.
/// </summary>
public static class DocumentPrinter
{
    /// <summary>The document as YAML, with a line break at the end and without a document marker.</summary>
    public static string ToYaml(Document document)
    {
        var output = new StringBuilder();
        YamlWriter.Write(output, DocumentTree.Of(document));
        return output.ToString();
    }

    /// <summary>Documents as one YAML stream.</summary>
    public static string ToYaml(IEnumerable<Document> documents) => string.Join("---\n", documents.Select(ToYaml));

    /// <summary>The document as JSON without white space.</summary>
    public static string ToJson(Document document) => Encoding.UTF8.GetString(ToJsonBytes(document, indented: false));

    /// <summary>The document as JSON for people to read.</summary>
    public static string ToIndentedJson(Document document) => Encoding.UTF8.GetString(ToJsonBytes(document, indented: true));

    internal static ReadOnlySpan<byte> ToJsonBytes(Document document, bool indented)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(writer, DocumentTree.Of(document));
        }

        return buffer.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter writer, SourceNode node)
    {
        switch (node)
        {
            case MappingNode mapping:
                writer.WriteStartObject();
                foreach (var field in mapping.Fields)
                {
                    writer.WritePropertyName(field.Key);
                    Write(writer, field.Value);
                }

                writer.WriteEndObject();
                break;
            case SequenceNode list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case ScalarNode { Type: ScalarType.Text } scalar:
                writer.WriteStringValue(scalar.Text);
                break;
            case ScalarNode scalar:
                writer.WriteRawValue(scalar.Text);
                break;
        }
    }
}
