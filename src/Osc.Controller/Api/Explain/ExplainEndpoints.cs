using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Documents;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Limits;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.History;
using Osc.Policy.Explain;

namespace Osc.Controller.Api.Explain;

/// <summary>What becomes of a connection, which rules say so, and why.</summary>
public static class ExplainEndpoints
{
    private const string NotGranted = "read access to all of the tenant of one end, and of what the question names, is missing";

    public static void MapExplain(this IEndpointRouteBuilder api) =>
        api.MapPost("/explain", Explain).Needs(Access.Read, Extent.Permitted)
            .Describe("Decisions", "Decides a connection, given by its ends (from, to, service) or by its fields, and says why")
            .Accepts<ExplainQuestion>(DocumentBody.Json).Answers<ExplainAnswer>().Refuses(400, 413, 415, 422, 429).IsLong().IsHeavy(request => request.Query.ContainsKey("at")).TakesLittle();

    private static async Task<IResult> Explain(HttpContext context, AsOf asOf, ExplainAnswers answers, [AsParameters] ExplainParameters parameters, CancellationToken cancellation)
    {
        if (parameters.All is not (null or "true" or "false"))
        {
            return Problem.BadParameter("all", $"'{parameters.All}' is neither", "true, false").ToResult();
        }

        var (question, problem) = await QuestionBody.ReadAsync(context.Request, ExplainQuestion.FromJson, cancellation);
        if (question is null || !asOf.TryRead(parameters.At, out var explainer, out problem))
        {
            return problem!.ToResult();
        }

        var confinement = Confinement.Of(context);
        if (!confinement.MayAsk(question))
        {
            return Problem.Of(StatusCodes.Status403Forbidden, NotGranted).ToResult();
        }

        var found = ConnectionFinder.Find(explainer.State, question);
        if (found.Connection is not { } connection)
        {
            return Problem.Of(StatusCodes.Status422UnprocessableEntity, "the question cannot be answered", confinement.Errors(found.Errors.Select(ProblemError.Of))).ToResult();
        }

        context.Response.Headers[ChangeResults.RevisionHeader] = explainer.State.Revision.ToString();
        return ConfinedAnswers.Of(confinement, answers.Explain(explainer, connection, parameters.All == "true")) is { } answer
            ? TypedResults.Json(answer, AnswerJson.Types.ExplainAnswer)
            : Problem.Of(StatusCodes.Status403Forbidden, NotGranted).ToResult();
    }
}

/// <summary>Query parameters of explain.</summary>
public sealed record ExplainParameters(
    [property: FromQuery(Name = "at"), Description(AsOf.Description)] string? At,
    [property: FromQuery(Name = "all"), Description("Also list the rules of policies that are not applied to the workloads.")] string? All);
