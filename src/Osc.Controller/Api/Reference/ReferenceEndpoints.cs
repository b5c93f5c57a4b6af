using Microsoft.AspNetCore.OpenApi;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;

namespace Osc.Controller.Api.Reference;

/// <summary>The OpenAPI document and the page made from it.</summary>
public static class ReferenceEndpoints
{
    public static void MapReference(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi(OpenApiSetup.Route).Needs(Access.Read, Extent.Permitted);
        app.MapGet("/docs", Page).Needs(Access.Read, Extent.Permitted).Describe("Operation", "The API reference as a page").AnswersText("text/html");
    }

    private static async Task<IResult> Page(
        HttpContext context,
        [FromKeyedServices(OpenApiSetup.DocumentName)] IOpenApiDocumentProvider documents,
        CancellationToken cancellation)
    {
        // The page needs nothing but itself.
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        return Results.Text(ReferencePage.Render(await documents.GetOpenApiDocumentAsync(cancellation)), "text/html; charset=utf-8");
    }
}
