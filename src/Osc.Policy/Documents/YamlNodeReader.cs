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
    /// <summary>Each time that reading goes on, the parser may look through all that is left.</summary>
    private const int MaxBroken = 20;

    private IParser parser = null!; // set by ReadFrom before anything reads it
    private int lineOffset;

    /// <summary>The documents that could be read as trees; empty documents are left out.</summary>
    public List<SourceNode> Read()
    {
        var roots = new List<SourceNode>();
        var rest = text;
        for (var broken = 1; !errors.IsFull && ReadFrom(rest, roots) is { } errorLine && NextDocument(rest, errorLine - lineOffset) is { } next; broken++)
        {
            if (broken == MaxBroken)
            {
                errors.Add(new SourcePosition(file, errorLine, 1), $"{MaxBroken} documents are no YAML: the rest of the file was not read");
                break;
            }

            lineOffset += next.Lines;
            rest = rest[next.Index..];
        }

        return roots;
    }

    /// <summary>Reads documents up to the end (null) or to one that must be given up (the line of its error in the whole file).</summary>
    private int? ReadFrom(string rest, List<SourceNode> roots)
    {
        parser = new Parser(new Scanner(new StringReader(rest), skipComments: true));
        try
        {
            while (MoveNext() && !errors.IsFull)
            {
                if (parser.Current is DocumentStart start)
                {
                    if (roots.Count == limits.MaxDocuments)
                    {
                        errors.Add(PositionOf(start.Start), "too many documents", $"at most {limits.MaxDocuments} in one file");
                        return null;
                    }

                    MoveNext();
                    var root = ReadNode(1);
                    if (root is not ScalarNode { Type: ScalarType.Null })
                    {
                        roots.Add(root);
                    }
                }
            }

            return null;
        }
        catch (MaximumRecursionLevelReachedException problem)
        {
            var position = PositionOf(problem.Start);
            errors.Add(position, "nested too deep", $"at most {limits.MaxDepth} lists and mappings within each other");
            return position.Line;
        }
        catch (YamlException problem)
        {
            var position = PositionOf(TabIn(rest, problem) ?? problem.Start);
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
            errors.Add(position, $"'*{alias.Value}' is an alias, and aliases are not taken", "every value written out");
            return Refused(position);
        }

        if (current is not NodeEvent node)
        {
            // On some broken texts the parser gives a key without a value.
            throw new SyntaxErrorException(current.Start, current.End, "While parsing, found the end of something where a value should be");
        }

        CheckProperties(node, position);
        if (node is YamlDotNet.Core.Events.Scalar scalar)
        {
            return ReadScalar(scalar, position);
        }

        if (depth > limits.MaxDepth)
        {
            // The scanner's time grows with the square of the depth, so the rest of the document is not even passed over.
            throw new MaximumRecursionLevelReachedException(current.Start, current.End, "");
        }

        return node is SequenceStart ? ReadSequence(position, depth) : ReadMapping(position, depth);
    }

    private SequenceNode ReadSequence(SourcePosition position, int depth)
    {
        var items = new List<SourceNode>();
        while (MoveNext() && parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(depth + 1));
        }

        return new(position, items.ToValueList());
    }

    private MappingNode ReadMapping(SourcePosition position, int depth)
    {
        var fields = new MappingBuilder(position, errors);
        while (MoveNext() && parser.Current is not MappingEnd)
        {
            var key = ReadNode(depth + 1);
            MoveNext();
            var value = ReadNode(depth + 1);
            if (key is ScalarNode { Type: ScalarType.Refused })
            {
                continue;
            }

            if (key is ScalarNode { Text: "<<", Type: ScalarType.Text } merge)
            {
                errors.Add(merge.Position, "'<<' is a merge key, and merge keys are not taken", "every field written out");
            }
            else if (key is ScalarNode scalar)
            {
                fields.Add(scalar.Text, scalar.Position, value);
            }
            else
            {
                errors.Add(key.Position, $"{key.Description} is no field name", "text");
            }
        }

        return fields.Build();
    }

    private void CheckProperties(NodeEvent node, SourcePosition position)
    {
        if (!node.Anchor.IsEmpty)
        {
            errors.Add(position, $"'&{node.Anchor.Value}' is an anchor, and anchors are not taken", "every value written out");
        }

        if (!node.Tag.IsEmpty)
        {
            errors.Add(position, $"'{node.Tag.Value}' is a tag, and tags are not taken", "values without tags");
        }
    }

    /// <summary>Goes on to the next event. On some broken texts the parser fails with an exception that is meant for misuse: it is a syntax error.</summary>
    private bool MoveNext()
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception problem) when (problem is InvalidOperationException or ArgumentException)
        {
            var mark = parser.Current?.End ?? Mark.Empty;
            throw new SyntaxErrorException(mark, mark, "While parsing, found something that cannot stand here");
        }
    }

    /// <summary>Where the tab stands that an error complains of: the error itself points to the beginning of what is around.</summary>
    private static Mark? TabIn(string text, YamlException problem)
    {
        if (!problem.Message.Contains("tab as indentation", StringComparison.Ordinal))
        {
            return null;
        }

        var lines = text.Split('\n');
        for (var line = (int)problem.Start.Line; line <= lines.Length; line++)
        {
            var indentation = lines[line - 1].Length - lines[line - 1].TrimStart(' ', '\t').Length;
            var tab = lines[line - 1].IndexOf('\t', 0, indentation);
            if (tab >= 0)
            {
                return new Mark(0, line, tab + 1);
            }
        }

        return null;
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

    /// <summary>A sentence of the parser's as the end of one of ours.</summary>
    private static string Lowered(string message) =>
        message.Length > 1 && char.IsLower(message[1]) ? char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.') : message;

    [GeneratedRegex(
        @"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NumberPattern();
}
