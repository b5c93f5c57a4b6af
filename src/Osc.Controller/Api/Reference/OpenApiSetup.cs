using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Hosting;

namespace Osc.Controller.Api.Reference;

/// <summary>The OpenAPI 3.1 document: what ASP.NET finds out by itself, and what it cannot know.</summary>
public static class OpenApiSetup
{
    public const string DocumentName = "v1";

    public const string Route = "/openapi/{documentName}.json";

    private const string SecurityScheme = "token";

    public static void AddOscOpenApi(this IServiceCollection services) => services.AddOpenApi(DocumentName, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer(DescribeDocumentAsync);
        options.AddOperationTransformer(DescribeOperationAsync);
    });

    private static Task DescribeDocumentAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellation)
    {
        document.Info = new()
        {
            Title = "Osc controller",
            Version = ProductVersion.Text,
            Description = "Security-group intents in, enforced flows out. Errors are problem details (RFC 9457). Lists give 'next', the cursor of the page that follows.",
        };
        document.Servers = [];
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [SecurityScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Authorization: Bearer TOKEN" },
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        DocumentSchemas.AddTo(document);
        return Task.CompletedTask;
    }

    private static async Task DescribeOperationAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.OperationId ??= OperationIdOf(context.Description.HttpMethod!, context.Description.RelativePath!);
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            ParameterSchemas.Describe(parameter);
        }

        operation.Responses ??= [];
        if (metadata.OfType<AccessRule>().FirstOrDefault() is { } rule)
        {
            operation.Description = $"Needs {rule.Access.ToString().ToLowerInvariant()} access.";
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(SecurityScheme, context.Document)] = [] }];
            await AddProblemAsync(operation, 401, context, cancellation);
            await AddProblemAsync(operation, 403, context, cancellation);
        }
        else if (metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Description = "Needs no token.";
        }

        foreach (var (status, response) in operation.Responses)
        {
            response.Description = int.Parse(status, System.Globalization.CultureInfo.InvariantCulture) >= 400 ? Problem.Of(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture)).Title : "Done";
        }

        if (metadata.OfType<EndpointDescription.DocumentBodyRule>().FirstOrDefault() is { } body)
        {
            DescribeBodies(operation, body, context.Document);
        }

        if (metadata.OfType<EndpointDescription.LinesRule>().FirstOrDefault() is { } lines && operation.Responses.TryGetValue("200", out var good))
        {
            good.Content?.Add(lines.MediaType, new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = "An item a line." } });
        }
    }

    private static async Task AddProblemAsync(OpenApiOperation operation, int status, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var schema = await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellation);
        operation.Responses!.TryAdd(status.ToString(System.Globalization.CultureInfo.InvariantCulture), new OpenApiResponse
        {
            Content = new Dictionary<string, OpenApiMediaType> { [Problem.ContentType] = new() { Schema = schema } },
        });
    }

    private static void DescribeBodies(OpenApiOperation operation, EndpointDescription.DocumentBodyRule rule, OpenApiDocument? document)
    {
        var one = new OpenApiSchemaReference(DocumentSchemas.AnyKind, document);
        var content = new Dictionary<string, OpenApiMediaType>
        {
            [DocumentBody.Json] = new() { Schema = rule.InRequest ? new OpenApiSchema { AnyOf = [one, new OpenApiSchema { Type = JsonSchemaType.Array, Items = one }] } : one },
            [DocumentBody.Yaml] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The same as YAML; more documents after a line ---." } },
        };
        if (rule.InRequest)
        {
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = content };
        }

        if (rule.InResponse && operation.Responses!.TryGetValue("200", out var response) && response is OpenApiResponse good)
        {
            good.Content = content;
            good.Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["ETag"] = new OpenApiHeader { Description = "The hash of the document, for If-Match.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            };
        }
    }

    /// <summary>"GET api/v1/{tenant}/{kind}" is "get-tenant-kind".</summary>
    private static string OperationIdOf(string method, string path) =>
        string.Join('-', path.Split('/').Where(p => p is not ("api" or "v1")).Select(p => p.Trim('{', '}')).Prepend(method.ToLowerInvariant()));
}
