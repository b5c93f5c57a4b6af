using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Requests;

namespace Osc.Controller.Api.Reference;

/// <summary>What the OpenAPI document says of an endpoint beyond its parameters.</summary>
public static class EndpointDescription
{
    /// <summary>Marks endpoints whose body or answer is a document.</summary>
    public sealed record DocumentBodyRule(bool InRequest, bool InResponse);

    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string tag, string summary) =>
        endpoint.WithTags(tag).WithSummary(summary);

    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder endpoint, int status = StatusCodes.Status200OK) =>
        endpoint.Produces<T>(status, DocumentBody.Json);

    public static RouteHandlerBuilder AnswersText(this RouteHandlerBuilder endpoint, string type) =>
        endpoint.Produces<string>(StatusCodes.Status200OK, type);

    public static RouteHandlerBuilder AnswersLines(this RouteHandlerBuilder endpoint, string type) => endpoint.WithMetadata(new LinesRule(type));

    public static RouteHandlerBuilder AnswersDocument(this RouteHandlerBuilder endpoint) =>
        endpoint.Produces(StatusCodes.Status200OK).WithMetadata(new DocumentBodyRule(InRequest: false, InResponse: true));

    public static RouteHandlerBuilder TakesDocuments(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new DocumentBodyRule(InRequest: true, InResponse: false));

    /// <summary>The statuses of problems that the endpoint answers with, beside 401 and 403.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params IEnumerable<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<Problem>(status, Problem.ContentType);
        }

        return endpoint;
    }

    /// <summary>Marks endpoints that also answer with a record a line, in this media type.</summary>
    public sealed record LinesRule(string MediaType);
}
