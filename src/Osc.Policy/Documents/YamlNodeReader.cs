using System.Text.RegularExpressions;
using Osc.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Osc.Policy.Documents;

/// <summary>
/// Reads a YAML stream (YAML 1.2, core schema) into node trees. What lets one place of a file change another's meaning is refused:
/// anchors, aliases, tags and merge keys. After a syntax error reading goes on at the next document marker, so that one run
/// finds the errors of every document.
/// </summary>
internal sealed partial class YamlNodeReader(string text, string file, ReadLimits limits, ErrorList errors)
{
    private IParser parser = null!; // set by ReadFrom before anything reads it
    private int lineOffset;

    /// <summary>The documents that could be read as trees; empty documents are left out.</summary>
    public List<SourceNode> Read()
    {
        var roots = new List<SourceNode>();
        var rest = text;
        while (!errors.IsFull && ReadFrom(rest, roots) is { } errorLine && NextDocument(rest, errorLine - lineOffset) is { } next)
        {
            lineOffset += next.Lines;
            rest = rest[next.Index..];
        }

        return roots;
    }

    /// <summary>Reads documents up to the end (null) or to a syntax error (its line in the whole file).</summary>
    private int? ReadFrom(string rest, List<SourceNode> roots)
    {
        parser = new Parser(new Scanner(new StringReader(rest), skipComments: true));
        try
        {
            while (parser.MoveNext() && !errors.IsFull)
            {
                if (parser.Current is DocumentStart start)
                {
                    if (roots.Count == limits.MaxDocuments)
                    {
                        errors.Add(PositionOf(start.Start), "too many documents", $"at most {limits.MaxDocuments} in one file");
                        return null;
                    }

                    parser.MoveNext();
                    var root = ReadNode(1);
                    if (root is not ScalarNode { Type: ScalarType.Null })
                    {
                        roots.Add(root);
                    }
                }
            }

            return null;
        }
        catch (YamlException problem)
        {
            var position = PositionOf(problem.Start);
            errors.Add(position, $"not YAML: {Lowered(problem.Message)}");
            return position.Line;
        }
    }

    /// <summary>Reads the node that the parser stands on and leaves the parser on its last event.</summary>
    private SourceNode ReadNode(int depth)
    {
        var current = parser.Current ?? throw new InvalidOperationException("a document start is followed by a node");
        var position = PositionOf(current.Start);
        if (current is AnchorAlias alias)
        {
            errors.Add(position, $"the alias '*{alias.Value}'", "every value written out; aliases are not taken");
            return Refused(position);
        }

        var node = (NodeEvent)current;
        CheckProperties(node, position);
        if (node is YamlDotNet.Core.Events.Scalar scalar)
        {
            return ReadScalar(scalar, position);
        }

        if (depth > limits.MaxDepth)
        {
            errors.Add(position, "nested too deep", $"at most {limits.MaxDepth} lists and mappings within each other");
            SkipCollection();
            return Refused(position);
        }

        return node is SequenceStart ? ReadSequence(position, depth) : ReadMapping(position, depth);
    }

    private SequenceNode ReadSequence(SourcePosition position, int depth)
    {
        var items = new List<SourceNode>();
        while (parser.MoveNext() && parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(depth + 1));
        }

        return new(position, items.ToValueList());
    }

    private MappingNode ReadMapping(SourcePosition position, int depth)
    {
        var fields = new MappingBuilder(position, errors);
        while (parser.MoveNext() && parser.Current is not MappingEnd)
        {
            var key = ReadNode(depth + 1);
            parser.MoveNext();
            var value = ReadNode(depth + 1);
            if (key is ScalarNode { Type: ScalarType.Refused })
            {
                continue;
            }

            if (key is ScalarNode { Text: "<<", Type: ScalarType.Text } merge)
            {
                errors.Add(merge.Position, "the merge key '<<'", "every field written out; merge keys are not taken");
            }
            else if (key is ScalarNode scalar)
            {
                fields.Add(scalar.Text, scalar.Position, value);
            }
            else
            {
                errors.Add(key.Position, $"{key.Description} as a field name", "text");
            }
        }

        return fields.Build();
    }

    private void CheckProperties(NodeEvent node, SourcePosition position)
    {
        if (!node.Anchor.IsEmpty)
        {
            errors.Add(position, $"the anchor '&{node.Anchor.Value}'", "every value written out; anchors are not taken");
        }

        if (!node.Tag.IsEmpty)
        {
            errors.Add(position, $"the tag '{node.Tag.Value}'", "untagged values");
        }
    }

    /// <summary>Passes over a list or mapping and all that is in it.</summary>
    private void SkipCollection()
    {
        for (var open = 1; open > 0;)
        {
            parser.MoveNext();
            open += parser.Current is { } current ? current.NestingIncrease : -open;
        }
    }

    private SourcePosition PositionOf(Mark mark) => new(file, (int)mark.Line + lineOffset, (int)mark.Column);

    private static ScalarNode Refused(SourcePosition position) => new(position, "", ScalarType.Refused);

    private static ScalarNode ReadScalar(YamlDotNet.Core.Events.Scalar scalar, SourcePosition position) =>
        new(position, scalar.Value, scalar.Style == ScalarStyle.Plain ? TypeOf(scalar.Value) : ScalarType.Text);

    /// <summary>The type of an unquoted scalar (YAML 1.2.2, 10.3.2).</summary>
    internal static ScalarType TypeOf(string plain) => plain switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ScalarType.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarType.Boolean,
        _ => NumberPattern().IsMatch(plain) ? ScalarType.Number : ScalarType.Text,
    };

    /// <summary>The next line after a line (counted from 1) that begins a document: markers cannot stand inside one (YAML 1.2.2, 9.1.2).</summary>
    private static (int Index, int Lines)? NextDocument(string text, int afterLine)
    {
        var line = 1;
        for (var start = 0; start >= 0 && start < text.Length; line++)
        {
            var isMarker = text.AsSpan(start).StartsWith("---", StringComparison.Ordinal)
                && (start + 3 == text.Length || char.IsWhiteSpace(text[start + 3]));
            if (line > afterLine && isMarker)
            {
                return (start, line - 1);
            }

            var end = text.IndexOf('\n', start);
            start = end < 0 ? -1 : end + 1;
        }

        return null;
    }

    private static string Lowered(string message) => message.Length > 1 && char.IsLower(message[1]) ? char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.') : message;

    [GeneratedRegex(@"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NumberPattern();
}
