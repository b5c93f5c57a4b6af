using System.Globalization;
using System.Text.RegularExpressions;
using Osc.Model;

namespace Osc.Policy.Documents;

/// <summary>Reads a value's text; false where the text is none.</summary>
internal delegate bool TextParser<T>(string text, out T value);

/// <summary>
/// A node with its path in the document. Every reading method reports what is wrong and then gives a harmless value,
/// so that reading goes on and finds the other errors; a document with an error is never handed out.
/// </summary>
internal readonly partial record struct DocumentNode(DocumentScope Scope, SourceNode Node, string Path)
{
    /// <summary>A field's value; null where it is absent or this node is no mapping.</summary>
    public DocumentNode? Field(string name) => (Node as MappingNode)?.Find(name) is { } value ? new DocumentNode(Scope, value, PathOf(name)) : null;

    /// <summary>A field's value; an error where it is absent.</summary>
    public DocumentNode? Required(string name, string allowed)
    {
        var field = Field(name);
        if (field is null && Node is MappingNode)
        {
            Scope.Fail(Node.Position, PathOf(name), $"the field '{name}' is missing", allowed);
        }

        return field;
    }

    /// <summary>Whether this is a mapping, of known fields only; reports where not.</summary>
    public bool IsMapping() => IsMapping(DocumentFields.Under(Path.StartsWith("metadata", StringComparison.Ordinal) ? null : Scope.Kind, Indices().Replace(Path, "[]")));

    public bool IsMapping(IReadOnlyList<string> allowed)
    {
        var list = string.Join(", ", allowed);
        if (Node is not MappingNode mapping)
        {
            Refuse("mapping", "the fields " + list);
            return false;
        }

        foreach (var field in mapping.Fields)
        {
            if (!allowed.Contains(field.Key))
            {
                Scope.Fail(field.KeyPosition, PathOf(field.Key), $"unknown field '{field.Key}'{Suggestion.For(field.Key, allowed)}", list);
            }
        }

        return true;
    }

    /// <summary>The elements of a list.</summary>
    public IEnumerable<DocumentNode> Items(string allowed)
    {
        if (Node is not SequenceNode list)
        {
            Refuse("list", allowed);
            yield break;
        }

        for (var i = 0; i < list.Items.Count; i++)
        {
            yield return new(Scope, list.Items[i], string.Create(CultureInfo.InvariantCulture, $"{Path}[{i}]"));
        }
    }

    /// <summary>A value that is written as text.</summary>
    public T Parse<T>(string what, string allowed, TextParser<T> parse, T otherwise)
    {
        var isReadable = parse((Node as ScalarNode)?.Text ?? "", out var value);
        switch (Node)
        {
            case ScalarNode { Type: ScalarType.Text } when isReadable:
                return value;
            case ScalarNode { Type: ScalarType.Number or ScalarType.Boolean } when isReadable:
                Fail($"{Node.Description} is no text: it needs quotes", allowed);
                return otherwise;
            default:
                Refuse(what, allowed);
                return otherwise;
        }
    }

    public Name Name() => Parse("name", Model.Name.Allowed, (string text, out Name name) => Model.Name.TryParse(text, out name), default);

    public PortName PortName() => Parse("port name", Model.PortName.Allowed, (string text, out PortName port) => Model.PortName.TryParse(text, out port), default);

    /// <summary>A DNS name or pattern. They are the same in either case (RFC 4343): one spelling is kept. What it may look like is the validator's to say.</summary>
    public string DnsName() => Parse("DNS name", "a DNS name, or '*.' and a DNS name", (string text, out string lowered) => (lowered = text.ToLowerInvariant()) is not null, "");

    public IpAddress Address() =>
        Parse("address", "an IPv4 or IPv6 address without a prefix length", (string text, out IpAddress address) => IpAddress.TryParse(text, out address), default);

    /// <summary>"name" in the document's tenant, or "tenant/name".</summary>
    public QualifiedName Reference()
    {
        var home = Scope.Tenant;
        return Parse("name", "name or tenant/name", (string text, out QualifiedName name) => QualifiedName.TryParse(text, home, out name), default);
    }

    /// <summary>A word of an enumeration, in lower camel case.</summary>
    public T Word<T>(string what)
        where T : struct, Enum
    {
        if (Node is ScalarNode { Type: ScalarType.Text } text)
        {
            if (Words<T>.TryParse(text.Text, out var value))
            {
                return value;
            }

            what += Suggestion.For(text.Text, Words<T>.All);
        }

        Refuse(what, string.Join(", ", Words<T>.All));
        return default;
    }

    public bool Boolean()
    {
        if (Node is ScalarNode { Type: ScalarType.Boolean } scalar)
        {
            return scalar.Text[0] is 't' or 'T';
        }

        Refuse("truth value", "true, false");
        return false;
    }

    /// <summary>A whole number, in decimal.</summary>
    public int Integer(string allowed)
    {
        if (Node is ScalarNode { Type: ScalarType.Number } scalar && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        Refuse("whole number", allowed);
        return 0;
    }

    /// <summary>Says that the value is not what stands here.</summary>
    public void Refuse(string what, string allowed)
    {
        if (Node is ScalarNode { Type: ScalarType.Refused })
        {
            Scope.Doubt(Path);
            return;
        }

        var message = Node switch
        {
            ScalarNode { Type: ScalarType.Null } => "the value is missing",
            ScalarNode { Type: ScalarType.Text } text => $"'{Shortened(text.Text)}' is no {what}",
            _ => $"{Node.Description} is no {what}",
        };
        Fail(message, allowed);
    }

    public void Fail(string message, string allowed) => Scope.Fail(Node.Position, Path, message, allowed);

    private string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..77] + "...";

    [GeneratedRegex(@"\[[0-9]+\]", RegexOptions.CultureInvariant)]
    private static partial Regex Indices();
}
