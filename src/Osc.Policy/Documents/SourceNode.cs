using Osc.Model;

namespace Osc.Policy.Documents;

/// <summary>What a scalar is before anyone asks for a type: YAML 1.2's core schema, JSON's types.</summary>
internal enum ScalarType
{
    Text,
    Number,
    Boolean,
    Null,

    /// <summary>Something that was refused already, with an error.</summary>
    Refused,
}

/// <summary>
/// A node of a document's tree, the same for YAML and JSON: what readers read from and printers print.
/// A printed tree has no positions.
/// </summary>
internal abstract record SourceNode(SourcePosition Position)
{
    /// <summary>What the node is, for error texts: "a list", "the number 5".</summary>
    public abstract string Description { get; }
}

internal sealed record ScalarNode(SourcePosition Position, string Text, ScalarType Type) : SourceNode(Position)
{
    public override string Description => Type switch
    {
        ScalarType.Text => $"the text '{Text}'",
        ScalarType.Number => $"the number {Text}",
        ScalarType.Boolean => Text,
        _ => "nothing",
    };
}

internal sealed record SequenceNode(SourcePosition Position, ValueList<SourceNode> Items) : SourceNode(Position)
{
    public override string Description => "a list";
}

/// <summary>A field as written: the key, where it stands, and its value.</summary>
internal readonly record struct FieldNode(string Key, SourcePosition KeyPosition, SourceNode Value);

/// <summary>Fields in the order written; keys are unique.</summary>
internal sealed record MappingNode(SourcePosition Position, ValueList<FieldNode> Fields) : SourceNode(Position)
{
    public override string Description => "a mapping";

    public SourceNode? Find(string key)
    {
        foreach (var field in Fields)
        {
            if (field.Key == key)
            {
                return field.Value;
            }
        }

        return null;
    }
}
