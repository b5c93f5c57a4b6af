using System.Text;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Validation;

namespace Osc.Policy.Documents;

/// <summary>
/// Reads documents from YAML streams and JSON, with everything that a document by itself can get wrong: syntax, fields, values and
/// the rules of its kind. All errors come out together, each with its place. What needs the other documents is <see cref="StateValidator"/>'s.
/// </summary>
public static class DocumentReader
{
    /// <summary>Reads a file's text: JSON if its name ends in ".json", else YAML.</summary>
    /// <param name="file">What errors call the text.</param>
    public static ReadResult Read(string text, string file) =>
        file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? ReadJson(text, file) : ReadYaml(text, file);

    /// <summary>Reads a YAML stream of any number of documents.</summary>
    public static ReadResult ReadYaml(string text, string file, ReadLimits? limits = null) =>
        Read(text, file, limits ?? ReadLimits.Default, static (text, file, limits, errors) => new YamlNodeReader(text, file, limits, errors).Read());

    /// <summary>Reads one JSON document, or an array of documents.</summary>
    public static ReadResult ReadJson(string text, string file, ReadLimits? limits = null) =>
        Read(text, file, limits ?? ReadLimits.Default, static (text, file, limits, errors) => new JsonNodeReader(text, file, limits, errors).Read());

    private static ReadResult Read(string text, string file, ReadLimits limits, Func<string, string, ReadLimits, ErrorList, List<SourceNode>> readNodes)
    {
        var errors = new ErrorList(limits.MaxErrors);
        if (Encoding.UTF8.GetByteCount(text) > limits.MaxBytes)
        {
            errors.Add(new SourcePosition(file, 1, 1), "the text is too long", $"at most {limits.MaxBytes} bytes");
            return new([], errors.Items.ToValueList(), DocumentSources.None);
        }

        var documents = new List<Document>();
        var sources = new Dictionary<DocumentKey, DocumentSource>();
        var unread = new List<DocumentKey>();
        foreach (var root in readNodes(text, file, limits, errors).TakeWhile(_ => !errors.IsFull))
        {
            var (key, document) = ReadDocument(root, errors);
            var source = new DocumentSource(root);
            if (document is not null && !sources.TryAdd(document.Key, source))
            {
                errors.Add(ReadResult.Duplicate(document.Key, source, sources[document.Key]));
            }
            else if (document is not null)
            {
                documents.Add(document);
            }
            else if (key is { } broken)
            {
                unread.Add(broken);
            }
        }

        return new(documents.ToValueList(), ReadResult.Sorted(errors.Items), new(sources, unread));
    }

    /// <summary>A document, or null after an error; and its key as soon as that can be read.</summary>
    private static (DocumentKey? Key, Document? Document) ReadDocument(SourceNode root, ErrorList errors)
    {
        var header = DocumentHeader.Of(root);
        var scope = new DocumentScope(errors, header.ToString()) { Kind = header.Kind, Tenant = header.Tenant ?? Tenants.Default };
        var node = new DocumentNode(scope, root, "");
        if (node.IsMapping(DocumentFields.OfDocument))
        {
            CheckVersion(node);
            var metadata = ReadMetadata(node);
            if (ReadKind(node) is { } kind)
            {
                var document = ReadSpec(node, kind, metadata);
                var broken = DocumentValidator.Validate(document).Where(b => !scope.IsDoubtful(b.Path)).ToArray();
                foreach (var rule in broken)
                {
                    errors.Add(new(new DocumentSource(root).Locate(rule.Path), header.ToString(), rule.Path, rule.Message, rule.Allowed));
                }

                return (header.Key, scope.HasFailed || broken.Length > 0 ? null : document);
            }
        }

        return (header.Key, null);
    }

    private static void CheckVersion(DocumentNode node)
    {
        if (node.Required("apiVersion", Document.ApiVersion) is { } version && version.Node is not ScalarNode { Text: Document.ApiVersion, Type: ScalarType.Text })
        {
            version.Refuse("version of this language", Document.ApiVersion);
        }
    }

    private static Kind? ReadKind(DocumentNode node)
    {
        var allowed = string.Join(", ", Enum.GetNames<Kind>());
        if (node.Required("kind", allowed) is not { } field)
        {
            return null;
        }

        if (node.Scope.Kind is null)
        {
            var meant = field.Node is ScalarNode { Type: ScalarType.Text } word ? Suggestion.For(word.Text, Enum.GetNames<Kind>()) : "";
            field.Refuse("kind" + meant, allowed);
        }

        return node.Scope.Kind;
    }

    private static Metadata ReadMetadata(DocumentNode node)
    {
        if (node.Required("metadata", "a mapping with the document's name") is not { } metadata || !metadata.IsMapping())
        {
            return new(default, Tenants.Default);
        }

        return new(
            metadata.Required("name", Name.Allowed)?.Name() ?? default,
            metadata.Field("tenant")?.Name() ?? Tenants.Default,
            metadata.Field("labels") is { } labels ? ReadLabels(labels) : Labels.Empty);
    }

    private static Labels ReadLabels(DocumentNode labels)
    {
        if (labels.Node is not MappingNode mapping)
        {
            labels.Refuse("mapping", "label keys, each with its value");
            return Labels.Empty;
        }

        return Labels.Of(mapping.Fields.Select(field =>
        {
            var value = labels with { Node = field.Value, Path = $"{labels.Path}[{field.Key}]" };
            return KeyValuePair.Create(field.Key, value.Parse("label value", LabelSyntax.AllowedValue, (string text, out string label) => (label = text) is not null, ""));
        }));
    }

    private static Document ReadSpec(DocumentNode node, Kind kind, Metadata metadata)
    {
        var spec = node.Field("spec") ?? node with { Node = new MappingNode(node.Node.Position, []), Path = "spec" };
        spec.IsMapping();
        return kind switch
        {
            Kind.Tenant => InventoryReader.ReadTenant(metadata, spec),
            Kind.Cloud => InventoryReader.ReadCloud(metadata, spec),
            Kind.Network => InventoryReader.ReadNetwork(metadata, spec),
            Kind.Host => InventoryReader.ReadHost(metadata, spec),
            Kind.Workload => InventoryReader.ReadWorkload(metadata, spec),
            Kind.DnsName => InventoryReader.ReadDnsName(metadata, spec),
            Kind.SecurityGroup => IntentReader.ReadGroup(metadata, spec),
            Kind.Service => IntentReader.ReadService(metadata, spec),
            Kind.Policy => IntentReader.ReadPolicy(metadata, spec),
            Kind.InspectionChain => IntentReader.ReadChain(metadata, spec),
            Kind.Assertion => IntentReader.ReadAssertion(metadata, spec),
            _ => throw new InvalidOperationException($"no reader for {kind}"),
        };
    }
}
