using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Osc.Controller.Api.Requests;

namespace Osc.Controller.Api.Reference;

/// <summary>
/// What parameters may be. They come as text, so that a wrong one is answered in our words; their schemas are a table.
/// </summary>
public static class ParameterSchemas
{
    private const string NamePattern = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

    public static void Describe(OpenApiParameter parameter)
    {
        var (schema, description) = parameter switch
        {
            { In: ParameterLocation.Path, Name: "tenant" } => (Name(), "The tenant."),
            { In: ParameterLocation.Path, Name: "kind" } => (Text(), "The kind, in any case, also in the plural: securitygroup, policies, ..."),
            { In: ParameterLocation.Path, Name: "name" } => (Name(), "The name."),
            { In: ParameterLocation.Path, Name: "revision" } => (Number(0, null), "The revision's number."),
            { Name: "limit" } => (Limit(), null),
            { Name: "revision" } => (Number(0, null), null),
            { Name: "dryRun" or "all" } => (new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false }, null),
            { Name: "order" } => (new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["asc", "desc"], Default = "desc" }, null),
            { Name: "from" or "to" } => (new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" }, null),
            { Name: "tenant" } => (Name(), (string?)null),
            _ => (Text(), null),
        };
        parameter.Schema = schema;
        parameter.Description ??= description;
    }

    public static OpenApiSchema Name() => new() { Type = JsonSchemaType.String, Pattern = NamePattern, MaxLength = 63 };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Limit()
    {
        var schema = Number(1, Page.MaxLimit);
        schema.Default = JsonValue.Create(Page.DefaultLimit);
        return schema;
    }

    private static OpenApiSchema Number(int least, int? most) => new()
    {
        Type = JsonSchemaType.Integer,
        Minimum = least.ToString(CultureInfo.InvariantCulture),
        Maximum = most?.ToString(CultureInfo.InvariantCulture),
    };
}
