using System.Text;
using System.Text.Json;
using Osc.Model;

namespace Osc.Policy.Documents;

/// <summary>Reads JSON (RFC 8259) into node trees: one document, or an array of documents.</summary>
internal sealed class JsonNodeReader(string text, string file, ReadLimits limits, ErrorList errors)
{
    private readonly byte[] bytes = Encoding.UTF8.GetBytes(text);

    // Positions are asked for in the order of the text: each begins where the last one ended.
    private int lastIndex;
    private int lastLine = 1;
    private int lastColumn = 1;

    public List<SourceNode> Read()
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        // The reader's own bound only has to be above ours, which gives the better error.
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 1_000 });
        try
        {
            reader.Read();
            var root = ReadValue(ref reader, 0);
            reader.Read();
            return Documents(root);
        }
        catch (JsonException problem)
        {
            errors.Add(PositionOf(IndexOf(problem)), $"not JSON: {Reason(problem)}");
            return [];
        }
    }

    private List<SourceNode> Documents(SourceNode root)
    {
        if (root is not SequenceNode list)
        {
            return [root];
        }

        if (list.Items.Count > limits.MaxDocuments)
        {
            errors.Add(list.Items[limits.MaxDocuments].Position, "too many documents", $"at most {limits.MaxDocuments} in one file");
        }

        return list.Items.Take(limits.MaxDocuments).ToList();
    }

    /// <param name="depth">How many mappings and lists are around the value.</param>
    private SourceNode ReadValue(ref Utf8JsonReader reader, int depth)
    {
        var position = PositionOf((int)reader.TokenStartIndex);
        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject && depth >= limits.MaxDepth)
        {
            errors.Add(position, "nested too deep", $"at most {limits.MaxDepth} lists and mappings within each other");
            reader.Skip();
            return new ScalarNode(position, "", ScalarType.Refused);
        }

        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader, position, depth),
            JsonTokenType.StartArray => ReadArray(ref reader, position, depth),
            JsonTokenType.String => new ScalarNode(position, TextOf(ref reader, position), ScalarType.Text),
            JsonTokenType.Number => new ScalarNode(position, Encoding.UTF8.GetString(reader.ValueSpan), ScalarType.Number),
            JsonTokenType.True => new ScalarNode(position, "true", ScalarType.Boolean),
            JsonTokenType.False => new ScalarNode(position, "false", ScalarType.Boolean),
            _ => new ScalarNode(position, "", ScalarType.Null),
        };
    }

    private MappingNode ReadObject(ref Utf8JsonReader reader, SourcePosition position, int depth)
    {
        var fields = new MappingBuilder(position, errors);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var keyPosition = PositionOf((int)reader.TokenStartIndex);
            var key = TextOf(ref reader, keyPosition);
            reader.Read();
            fields.Add(key, keyPosition, ReadValue(ref reader, depth + 1));
        }

        return fields.Build();
    }

    private SequenceNode ReadArray(ref Utf8JsonReader reader, SourcePosition position, int depth)
    {
        var items = new List<SourceNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadValue(ref reader, depth + 1));
        }

        return new(position, items.ToValueList());
    }

    /// <summary>A string's value; one with half a surrogate pair in it is an error of the text.</summary>
    private string TextOf(ref Utf8JsonReader reader, SourcePosition position)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            errors.Add(position, "the text holds half a surrogate pair", "Unicode text");
            return "";
        }
    }

    /// <summary>Lines and columns count from 1; columns count UTF-16 units, as YAML's do.</summary>
    private SourcePosition PositionOf(int index)
    {
        if (index < lastIndex)
        {
            (lastIndex, lastLine, lastColumn) = (0, 1, 1);
        }

        for (; lastIndex < index && lastIndex < bytes.Length; lastIndex++)
        {
            var current = bytes[lastIndex];
            if (current == '\n')
            {
                lastLine++;
                lastColumn = 1;
            }
            else if ((current & 0xc0) != 0x80)
            {
                lastColumn += current >= 0xf0 ? 2 : 1;
            }
        }

        return new(file, lastLine, lastColumn);
    }

    private int IndexOf(JsonException problem)
    {
        var index = 0;
        for (var line = 0; line < problem.LineNumber; line++)
        {
            index = Array.IndexOf(bytes, (byte)'\n', index) + 1;
        }

        return index + (int)(problem.BytePositionInLine ?? 0);
    }

    private static string Reason(JsonException problem)
    {
        // The sentences that follow speak to programmers and repeat the position.
        var end = problem.Message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? problem.Message.TrimEnd('.') : problem.Message[..end];
    }
}
