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
using Osc.Policy.Reach;

namespace Osc.Controller.Api.Explain;

/// <summary>What may go from one group to another.</summary>
public static class ReachEndpoints
{
    public static void MapReach(this IEndpointRouteBuilder api) =>
        api.MapPost("/reach", Reach).Needs(Access.Read, Extent.Permitted)
            .Describe("Decisions", "Says which services all, or some, members of one group may use at those of another")
            .Accepts<ReachQuestion>(DocumentBody.Json).Answers<ReachAnswer>().Refuses(400, 413, 415, 422, 429).IsLong().IsHeavy().TakesLittle();

    private static async Task<IResult> Reach(
        HttpContext context, AsOf asOf, Explainers explainers, [FromQuery, Description(AsOf.Description)] string? at, CancellationToken cancellation)
    {
        var (question, problem) = await QuestionBody.ReadAsync(context.Request, ReachQuestion.FromJson, cancellation);
        if (question is null || !asOf.TryRead(at, out var explainer, out problem))
        {
            return problem!.ToResult();
        }

        var confinement = Confinement.Of(context);
        if (!confinement.MayAsk(question))
        {
            return Problem.Of(StatusCodes.Status403Forbidden, "read access to all of the tenants that the question names is missing").ToResult();
        }

        // Who waited for a turn is answered from what was laid out meanwhile.
        var meaning = at is null ? explainers.MeaningSince(HeavyQuestions.ArrivedAt(context)) : explainers.MeaningOf(explainer.State);
        var (answer, errors) = Reachability.Ask(meaning, question);
        if (answer is null)
        {
            return Problem.Of(StatusCodes.Status422UnprocessableEntity, "the question cannot be answered", confinement.Errors(errors.Select(ProblemError.Of))).ToResult();
        }

        context.Response.Headers[ChangeResults.RevisionHeader] = meaning.State.Revision.ToString();
        return TypedResults.Json(ConfinedAnswers.Of(confinement, answer with { Revision = meaning.State.Revision.Number }), AnswerJson.Types.ReachAnswer);
    }
}
