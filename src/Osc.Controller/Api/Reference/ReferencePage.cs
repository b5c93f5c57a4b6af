using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.OpenApi;

namespace Osc.Controller.Api.Reference;

/// <summary>Renders an OpenAPI document as one HTML page without scripts and without anything from elsewhere.</summary>
public sealed class ReferencePage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1rem 2rem; color: #1b1f24 }
        code, .path { font-family: ui-monospace, monospace; font-size: .93em }
        section { border-top: 1px solid #d0d7de; padding: .5rem 0 1rem }
        .method { display: inline-block; min-width: 4.2em; font-weight: 700 }
        table { border-collapse: collapse; margin: .4rem 0 } td, th { text-align: left; vertical-align: top; padding: .15rem 1rem .15rem 0 }
        th { color: #57606a; font-weight: 600 } h3 { margin-bottom: .2rem } nav a { display: block }
        @media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3 } a { color: #58a6ff } section { border-color: #30363d } }
        """;

    private readonly StringBuilder html = new();

    private ReferencePage()
    {
    }

    public static string Render(OpenApiDocument document)
    {
        var page = new ReferencePage();
        page.WriteDocument(document);
        return page.html.ToString();
    }

    private void WriteDocument(OpenApiDocument document)
    {
        var title = $"{document.Info.Title} {document.Info.Version}";
        html.Append(CultureInfo.InvariantCulture, $"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{Text(title)}</title><style>{Style}</style></head><body>\n");
        html.Append(CultureInfo.InvariantCulture, $"<h1>{Text(title)}</h1>\n<p>{Text(document.Info.Description)} The same for programs: <a href=\"/openapi/v1.json\">/openapi/v1.json</a>.</p>\n");
        var operations = document.Paths
            .SelectMany(p => (p.Value.Operations ?? []).Select(o => (Path: p.Key, Method: o.Key.Method, Operation: o.Value)))
            .GroupBy(o => o.Operation.Tags?.FirstOrDefault()?.Name ?? "Other")
            .ToList();
        html.Append("<nav>");
        foreach (var (path, method, operation) in operations.SelectMany(g => g))
        {
            html.Append(CultureInfo.InvariantCulture, $"<a href=\"#{Text(operation.OperationId)}\"><span class=\"method\">{method}</span> <span class=\"path\">{Text(path)}</span></a>\n");
        }

        html.Append("</nav>\n");
        foreach (var group in operations)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>{Text(group.Key)}</h2>\n");
            foreach (var (path, method, operation) in group)
            {
                WriteOperation(path, method, operation);
            }
        }

        html.Append("<h2>Schemas</h2>\n");
        foreach (var (name, schema) in document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            WriteSchema(name, schema);
        }

        html.Append("</body></html>\n");
    }

    private void WriteOperation(string path, string method, OpenApiOperation operation)
    {
        html.Append(CultureInfo.InvariantCulture, $"<section id=\"{Text(operation.OperationId)}\"><h3><span class=\"method\">{method}</span> <span class=\"path\">{Text(path)}</span></h3>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p>{Text(operation.Summary)}. {Text(operation.Description)}</p>\n");
        WriteTable("Parameter", operation.Parameters?.Select(p => ($"{p.Name} ({p.In?.ToString().ToLowerInvariant()})", TypeOf(p.Schema), p.Description)));
        WriteTable("Body", operation.RequestBody?.Content?.Select(c => (c.Key, TypeOf(c.Value.Schema), (string?)null)));
        WriteTable("Answer", operation.Responses?.SelectMany(r =>
            (r.Value.Content is { Count: > 0 } content ? content.Select(c => (c.Key, c.Value.Schema)) : [("", null)])
            .Select(c => ($"{r.Key} {c.Item1}", TypeOf(c.Item2), r.Value.Description))));
        html.Append("</section>\n");
    }

    private void WriteSchema(string name, IOpenApiSchema schema)
    {
        html.Append(CultureInfo.InvariantCulture, $"<section id=\"schema-{Text(name)}\"><h3><code>{Text(name)}</code></h3><p>{Text(schema.Description)}</p>\n");
        WriteTable("One of", schema.Discriminator?.Mapping?.Select(m => (m.Key, TypeOf(m.Value), (string?)null)));
        WriteTable("Field", FieldsOf(schema, ""));
        html.Append("</section>\n");
    }

    /// <summary>The fields of a schema and those inside of them, by their paths; a schema with a name of its own is linked instead.</summary>
    private static IEnumerable<(string Path, string TypeHtml, string? Description)> FieldsOf(IOpenApiSchema schema, string prefix)
    {
        foreach (var (name, field) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
        {
            yield return (prefix + name, TypeOf(field), field.Description);
            var (inner, path) = field.Items is { } items ? (items, $"{prefix}{name}[].") : (field, $"{prefix}{name}.");
            foreach (var row in inner is OpenApiSchemaReference ? [] : FieldsOf(inner, path))
            {
                yield return row;
            }
        }
    }

    private void WriteTable(string heading, IEnumerable<(string Name, string TypeHtml, string? Description)>? rows)
    {
        var list = rows?.ToList() ?? [];
        if (list.Count == 0)
        {
            return;
        }

        html.Append(CultureInfo.InvariantCulture, $"<table><tr><th>{heading}</th><th>Type</th><th></th></tr>\n");
        foreach (var (name, type, description) in list)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td><code>{Text(name)}</code></td><td>{type}</td><td>{Text(description)}</td></tr>\n");
        }

        html.Append("</table>\n");
    }

    /// <summary>A schema's type as HTML: a link for a named one.</summary>
    private static string TypeOf(IOpenApiSchema? schema) => schema switch
    {
        null => "",
        OpenApiSchemaReference { Reference.Id: { } id } => $"<a href=\"#schema-{Text(id)}\">{Text(id)}</a>",
        { Items: { } items } => $"list of {TypeOf(items)}",
        { AnyOf: { Count: > 0 } any } => string.Join(" or ", any.Select(TypeOf)),
        { OneOf: { Count: > 0 } one } => string.Join(" or ", one.Select(TypeOf)),
        { Const: { } value } => Text(value),
        { Enum: { Count: > 0 } values } => Text(string.Join(" | ", values.Select(v => v?.ToString() ?? "null"))),
        _ => Text(string.Join(" ", new[] { schema.Type?.ToString().ToLowerInvariant(), schema.Format }.Where(t => t is not null))),
    };

    private static string Text(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}
