using System.Text.Json;
using Osc.Controller.Api.Explain;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Repeats;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.History;
using Osc.Controller.Loop;
using Osc.Controller.Metrics;
using Osc.Policy;
using Osc.Store.Access;

namespace Osc.Controller.Api.Documents;

/// <summary>Answers with what became of a change.</summary>
public static class ChangeResults
{
    public const string RevisionHeader = "Osc-Revision";

    /// <summary>What a change will be answered if it is made: to be kept with it, if the request has a key.</summary>
    /// <param name="status">The status if the change is good.</param>
    /// <param name="tag">The entity tag of what it leaves; null for none.</param>
    public static Func<Plan, StoredAnswer>? Kept(HttpContext context, Func<Plan, int> status, string? tag = null)
    {
        if (RepeatableRequest.Of(context) is not { } request)
        {
            return null;
        }

        var confinement = Confinement.Of(context);
        return plan =>
        {
            var headers = new Dictionary<string, string> { [RevisionHeader] = plan.After.Revision.ToString() };
            if (tag is not null)
            {
                headers["ETag"] = tag;
            }

            return request.Answered(status(plan), headers, JsonSerializer.Serialize(ChangeAnswer.Of(plan, dryRun: false, confinement), AnswerJson.Types.ChangeAnswer));
        };
    }

    /// <param name="accepted">The status if the change is good.</param>
    public static IResult ToResult(this ChangeOutcome outcome, HttpContext context, bool dryRun, int accepted = StatusCodes.Status200OK)
    {
        var confinement = Confinement.Of(context);
        if (outcome is ChangeOutcome.Accepted { Plan: var plan })
        {
            context.Response.Headers[RevisionHeader] = plan.After.Revision.ToString();
            var answer = ChangeAnswer.Of(plan, dryRun, confinement);
            if (dryRun)
            {
                answer = answer with { Effects = ConfinedAnswers.Of(confinement, context.RequestServices.GetRequiredService<Explainers>().EffectsOf(plan)) };
            }

            return TypedResults.Json(answer, AnswerJson.Types.ChangeAnswer, contentType: DocumentBody.Json, statusCode: accepted);
        }

        var (reason, problem) = outcome switch
        {
            ChangeOutcome.Invalid(var errors) => ("invalid", Problem.Invalid(errors)),
            ChangeOutcome.OverBudget(var hosts, var budget) => ("budget", Problem.OverBudget([.. hosts.Where(h => confinement.ShowsHost(StateOf(context).Host(h.Host)))], budget)),
            ChangeOutcome.PreconditionFailed(var key, var hash) => ("precondition", Problem.Of(StatusCodes.Status412PreconditionFailed,
                hash is null ? $"there is no document {key}" : $"the document {key} has the entity tag \"{hash}\"")),
            ChangeOutcome.Missing(var key) => ("missing", Problem.Of(StatusCodes.Status404NotFound, $"there is no document {key}")),
            ChangeOutcome.NeedsApproval(var tenants, var approvals) => ("approval", Problem.Of(StatusCodes.Status409Conflict,
                $"{(tenants.Count == 1 ? "tenant" : "tenants")} {string.Join(", ", tenants)} {(tenants.Count == 1 ? "asks" : "ask")} for {approvals} {(approvals == 1 ? "person" : "persons")} beside the author to agree to a change: propose it (POST /api/v1/proposals, osc propose)")),
            ChangeOutcome.Moved(var current) => ("moved", Problem.Of(StatusCodes.Status409Conflict, $"there is revision {current} by now")),
            ChangeOutcome.Unavailable(var why) => ("unavailable", Problem.Of(StatusCodes.Status503ServiceUnavailable, why)),
            _ => throw new InvalidOperationException($"no such outcome: {outcome}"),
        };
        if (!dryRun)
        {
            context.RequestServices.GetRequiredService<ControllerMetrics>().Refused(reason);
        }

        return (problem with { Errors = confinement.Errors(problem.Errors) }).ToResult();
    }

    private static State StateOf(HttpContext context) => context.RequestServices.GetRequiredService<PolicyLoop>().Current.State;
}
