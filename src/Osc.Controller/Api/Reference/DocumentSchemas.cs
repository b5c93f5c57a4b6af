using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Osc.Controller.Api.Documents;
using Osc.Model.Documents;
using Osc.Policy.Documents;

namespace Osc.Controller.Api.Reference;

/// <summary>The schemas of documents, a kind each, made of <see cref="DocumentFields"/>: what the reader takes and what is said here is one table.</summary>
public static partial class DocumentSchemas
{
    /// <summary>The schema of a document of whatever kind.</summary>
    public const string AnyKind = "Document";

    /// <summary>The schema of a kind's documents: "PolicyDocument".</summary>
    public static string NameOf(Kind kind) => $"{kind}Document";

    /// <param name="document">Gets the schemas; its components have a dictionary for them.</param>
    public static void AddTo(OpenApiDocument document)
    {
        var schemas = document.Components?.Schemas ?? throw new ArgumentException("there is no place for schemas", nameof(document));
        var mapping = new Dictionary<string, OpenApiSchemaReference>();
        foreach (var kind in Enum.GetValues<Kind>())
        {
            var schema = Mapping(kind, "");
            schema.Description = $"A document of kind {kind}.";
            schemas[NameOf(kind)] = schema;
            mapping[kind.ToString()] = new(NameOf(kind), document);
        }

        schemas[AnyKind] = new OpenApiSchema
        {
            Description = "A document of intent or inventory.",
            OneOf = [.. mapping.Values],
            Discriminator = new() { PropertyName = "kind", Mapping = mapping },
        };

        // Lists carry documents as the text that they are, which ASP.NET takes for any JSON.
        if (schemas.TryGetValue(nameof(DocumentPage), out var page) && page.Properties?["items"] is OpenApiSchema items)
        {
            items.Items = new OpenApiSchemaReference(AnyKind, document);
        }
    }

    /// <summary>The object that stands at a path, of the fields directly under it.</summary>
    /// <param name="prefix">"" for the document itself, else the path with a dot at its end.</param>
    private static OpenApiSchema Mapping(Kind kind, string prefix)
    {
        var fields = Under(kind, prefix);
        return new()
        {
            Type = JsonSchemaType.Object,
            AdditionalPropertiesAllowed = false,
            Required = fields.Where(f => f.IsRequired || IsNeeded(kind, f)).Select(f => f.Path[prefix.Length..]).ToHashSet(),
            Properties = fields.ToDictionary(f => f.Path[prefix.Length..], f => (IOpenApiSchema)Described(kind, f)),
        };
    }

    private static OpenApiSchema Described(Kind kind, DocumentField field)
    {
        var schema = SchemaOf(kind, field);
        schema.Description = field.IsRequired ? $"{field.Type}; required" : $"{field.Type}; by default: {field.Default}";
        return schema;
    }

    private static OpenApiSchema SchemaOf(Kind kind, DocumentField field)
    {
        var isList = field.Type.StartsWith("list of ", StringComparison.Ordinal);
        if (isList)
        {
            return new()
            {
                Type = JsonSchemaType.Array,
                MinItems = field.Type.EndsWith("at least one", StringComparison.Ordinal) ? 1 : null,
                Items = Under(kind, field.Path + "[].").Count > 0 ? Mapping(kind, field.Path + "[].") : new OpenApiSchema { Type = JsonSchemaType.String },
            };
        }

        if (Under(kind, field.Path + ".").Count > 0)
        {
            return Mapping(kind, field.Path + ".");
        }

        var range = WholeNumber().Match(field.Type);
        return field switch
        {
            { Path: "kind" } => new() { Type = JsonSchemaType.String, Const = kind.ToString() },
            { Path: "apiVersion" } => new() { Type = JsonSchemaType.String, Const = Document.ApiVersion },
            { Path: "metadata.labels" } => new() { Type = JsonSchemaType.Object, AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 63 } },
            { Words: { } words } => new() { Type = JsonSchemaType.String, Enum = [.. words.Select(w => (JsonNode)w)] },
            { Type: "name" } => ParameterSchemas.Name(),
            { Type: "true or false" } => new() { Type = JsonSchemaType.Boolean },
            _ when range.Success => new()
            {
                Type = JsonSchemaType.Integer,
                Minimum = range.Groups["least"].Value,
                Maximum = range.Groups["most"] is { Success: true, Value: var most } ? most : null,
            },
            _ => new() { Type = JsonSchemaType.String },
        };
    }

    /// <summary>A mapping that may be left out in general may not where a field directly in it is required: <c>spec</c>.</summary>
    private static bool IsNeeded(Kind kind, DocumentField field) => field.Path == "spec" && Under(kind, "spec.").Any(f => f.IsRequired);

    /// <summary>The fields directly under a path.</summary>
    private static List<DocumentField> Under(Kind kind, string prefix) =>
    [
        .. DocumentFields.Everywhere.Where(f => (f.Kind is null || f.Kind == kind)
            && f.Path.StartsWith(prefix, StringComparison.Ordinal)
            && !f.Path[prefix.Length..].Contains('.', StringComparison.Ordinal)),
    ];

    [GeneratedRegex("^whole number from (?<least>[0-9]+)(?: to (?<most>[0-9]+))?$")]
    private static partial Regex WholeNumber();
}
