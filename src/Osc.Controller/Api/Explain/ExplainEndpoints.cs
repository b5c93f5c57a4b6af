using System.Text.Json;
using Osc.Controller.Api.Documents;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Loop;
using Osc.Policy.Decisions;
using Osc.Policy.Explain;

namespace Osc.Controller.Api.Explain;

/// <summary>What becomes of a connection, and which rules say so.</summary>
public static class ExplainEndpoints
{
    public static void MapExplain(this IEndpointRouteBuilder api) =>
        api.MapPost("/explain", Explain).Needs(Access.Read)
            .Describe("Decisions", "Decides a connection, given by its ends (from, to, service) or by its fields")
            .Accepts<ExplainQuestion>(DocumentBody.Json).Answers<ExplainAnswer>().Refuses(400, 413, 415, 422);

    private static async Task<IResult> Explain(HttpContext context, PolicyLoop policy, CancellationToken cancellation)
    {
        if (!context.Request.HasJsonContentType())
        {
            return Problem.Of(StatusCodes.Status415UnsupportedMediaType, $"send the header: Content-Type: {DocumentBody.Json}").ToResult();
        }

        using var reader = new StreamReader(context.Request.Body);
        ExplainQuestion question;
        try
        {
            question = ExplainQuestion.FromJson(await reader.ReadToEndAsync(cancellation));
        }
        catch (JsonException e)
        {
            var error = new ProblemError("", e.Path?.TrimStart('$', '.') ?? "", e.Message.Split(" Path: ")[0], "") { Line = (int?)e.LineNumber + 1, Column = (int?)e.BytePositionInLine + 1 };
            return Problem.Of(StatusCodes.Status400BadRequest, "the body is no question", error).ToResult();
        }

        var snapshot = policy.Current;
        var found = ConnectionFinder.Find(snapshot.State, question);
        if (found.Connection is not { } connection)
        {
            return Problem.Of(StatusCodes.Status422UnprocessableEntity, "the question cannot be answered", [.. found.Errors.Select(ProblemError.Of)]).ToResult();
        }

        context.Response.Headers[ChangeResults.RevisionHeader] = snapshot.Revision.ToString();
        return Results.Text(ExplainAnswer.Of(connection, Decider.Decide(snapshot.State, connection)).ToJson(), DocumentBody.Json);
    }
}
