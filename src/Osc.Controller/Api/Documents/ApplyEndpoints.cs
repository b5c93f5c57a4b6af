using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Limits;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Repeats;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Loop;

namespace Osc.Controller.Api.Documents;

/// <summary>Many documents at once, all or nothing.</summary>
public static class ApplyEndpoints
{
    private const string Tag = "Documents";

    public static void MapApply(this IEndpointRouteBuilder api)
    {
        api.MapPost("/apply", Apply).Needs(Access.Write, Extent.Permitted).Describe(Tag, "Creates and updates documents, all or nothing").TakesDocuments().Answers<ChangeAnswer>().Refuses(400, 409, 413, 415, 422, 429, 503).IsRepeatable().IsHeavy(IsDryRun);
        api.MapPost("/plan", Plan).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Says what applying documents would do, and changes nothing").TakesDocuments().Answers<ChangeAnswer>().Refuses(400, 413, 415, 422, 429).IsLong().IsHeavy();
    }

    private static bool IsDryRun(HttpRequest request) => request.Query["dryRun"] == "true";

    private static async Task<IResult> Apply(
        HttpContext context,
        PolicyLoop policy,
        [FromQuery, Description("Only say what would be done.")] string? dryRun,
        CancellationToken cancellation)
    {
        if (dryRun is not (null or "true" or "false"))
        {
            return Problem.BadParameter("dryRun", $"'{dryRun}' is neither", "true, false").ToResult();
        }

        var (change, problem) = await ReadAsync(context, Access.Write, cancellation);
        if (change is null)
        {
            return problem!.ToResult();
        }

        return dryRun == "true"
            ? policy.Plan(change).ToResult(context, dryRun: true)
            : (await policy.SubmitAsync(change with { Answer = ChangeResults.Kept(context, _ => StatusCodes.Status200OK) }, Caller.Of(context), cancellation)).ToResult(context, dryRun: false);
    }

    private static async Task<IResult> Plan(HttpContext context, PolicyLoop policy, CancellationToken cancellation)
    {
        var (change, problem) = await ReadAsync(context, Access.Read, cancellation);
        return change is null ? problem!.ToResult() : policy.Plan(change).ToResult(context, dryRun: true);
    }

    private static async Task<(Change? Change, Problem? Problem)> ReadAsync(HttpContext context, Access access, CancellationToken cancellation)
    {
        var (read, problem) = await DocumentBody.ReadAsync(context.Request, cancellation);
        problem ??= DocumentAccess.Refuse(context, access, read!.Documents.Select(d => d.Key)); // read, if there is no problem
        return problem is null ? (new Change { Put = read!.Documents, Sources = read.Sources }, null) : (null, problem); // likewise
    }
}
