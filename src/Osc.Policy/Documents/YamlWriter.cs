using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Osc.Policy.Documents;

/// <summary>
/// Writes a node tree as YAML: two spaces a level, mappings in block form, lists of plain values on one line.
/// Text is plain where no YAML reader, of version 1.1 or 1.2, could take it for anything else, and in double quotes elsewhere.
/// </summary>
internal static partial class YamlWriter
{
    public static void Write(StringBuilder output, MappingNode mapping, int indent = 0)
    {
        foreach (var field in mapping.Fields)
        {
            output.Append(' ', indent);
            WriteField(output, field, indent);
        }
    }

    private static void WriteField(StringBuilder output, FieldNode field, int indent)
    {
        output.Append(TextOf(field.Key)).Append(':');
        switch (field.Value)
        {
            case MappingNode { Fields.Count: 0 }:
                output.Append(" {}\n");
                break;
            case MappingNode mapping:
                output.Append('\n');
                Write(output, mapping, indent + 2);
                break;
            case SequenceNode list when list.Items.Any(i => i is MappingNode):
                output.Append('\n');
                foreach (var item in list.Items)
                {
                    WriteItem(output, (MappingNode)item, indent + 2);
                }

                break;
            case SequenceNode list:
                output.Append(" [").AppendJoin(", ", list.Items.Cast<ScalarNode>().Select(TextOf)).Append("]\n");
                break;
            case ScalarNode scalar:
                output.Append(' ').Append(TextOf(scalar)).Append('\n');
                break;
        }
    }

    /// <summary>An element of a list of mappings; its first field stands behind the dash.</summary>
    private static void WriteItem(StringBuilder output, MappingNode mapping, int indent)
    {
        var start = "- ";
        foreach (var field in mapping.Fields)
        {
            output.Append(' ', indent).Append(start);
            WriteField(output, field, indent + 2);
            start = "  ";
        }
    }

    private static string TextOf(ScalarNode scalar) => scalar.Type == ScalarType.Text ? TextOf(scalar.Text) : scalar.Text;

    private static string TextOf(string text) => IsPlain(text) ? text : Quoted(text);

    private static bool IsPlain(string text) => IPv4Pattern().IsMatch(text) || (WordPattern().IsMatch(text) && !Keywords().IsMatch(text));

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                >= ' ' and <= '~' => quoted.Append(c),
                _ => quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
            };
        }

        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_./-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(/[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex IPv4Pattern();

    /// <summary>What YAML 1.1 or 1.2 takes for a truth value or for nothing.</summary>
    [GeneratedRegex(@"^(true|false|yes|no|on|off|y|n|null)\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Keywords();
}
