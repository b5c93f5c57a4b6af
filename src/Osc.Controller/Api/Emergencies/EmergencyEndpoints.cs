using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Documents;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Emergencies;
using Osc.Controller.Loop;
using Osc.Model.Documents;
using Osc.Store;
using Osc.Store.Emergencies;

namespace Osc.Controller.Api.Emergencies;

/// <summary>A policy that went in at once, for a while.</summary>
/// <param name="Policy">"tenant/name".</param>
/// <param name="Closed">When the policy went; null: it is in force.</param>
public sealed record EmergencyAnswer(string Policy, string OpenedBy, DateTimeOffset Opened, DateTimeOffset Expires, string Reason, long Revision, DateTimeOffset? Closed)
{
    public static EmergencyAnswer Of(Emergency emergency) =>
        new(emergency.Policy.ToString(), emergency.OpenedBy, emergency.Opened, emergency.Expires, emergency.Reason, emergency.Revision.Number, emergency.Closed);
}

public sealed record EmergencyList(IReadOnlyList<EmergencyAnswer> Items);

/// <summary>Break-glass: policies that cannot wait for anybody to agree.</summary>
public static class EmergencyEndpoints
{
    /// <summary>A day.</summary>
    public const int MaxMinutes = 1_440;

    private const int UsualMinutes = 60;

    private const string Tag = "Emergencies";

    public static void MapEmergencies(this IEndpointRouteBuilder api)
    {
        api.MapPost("/emergencies", Open).Needs(Access.Write, Extent.Permitted).Describe(Tag, "Puts new policies of the emergency tier into force at once, for a while, with a reason (Osc-Reason)")
            .TakesDocuments().Answers<ChangeAnswer>().Refuses(400, 409, 413, 415, 422, 503);
        api.MapGet("/emergencies", List).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Lists emergency policies, also those that are gone, newest first").Answers<EmergencyList>().Refuses(400);
        api.MapPost("/emergencies/close", Close).Needs(Access.Write, Extent.Permitted).Describe(Tag, "Takes an emergency policy away before its time is over").Answers<ChangeAnswer>().Refuses(404, 422, 503);
    }

    private static async Task<IResult> Open(
        HttpContext context,
        PolicyLoop policy,
        TimeProvider time,
        [FromQuery, Description("How long it is in force; 60 unless said, 1440 at most.")] string? minutes,
        CancellationToken cancellation)
    {
        var length = UsualMinutes;
        if (minutes is not null && !(int.TryParse(minutes, NumberStyles.None, CultureInfo.InvariantCulture, out length) && length is >= 1 and <= MaxMinutes))
        {
            return Problem.BadParameter("minutes", $"'{minutes}' is not possible", $"1 to {MaxMinutes}").ToResult();
        }

        var origin = Caller.Of(context);
        if (origin.Reason.Length == 0)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "an emergency has a reason", new ProblemError("", Caller.ReasonHeader, "missing", "why it cannot wait")).ToResult();
        }

        var (read, problem) = await DocumentBody.ReadAsync(context.Request, cancellation);
        problem ??= DocumentAccess.Refuse(context, Access.Write, read!.Documents.Select(d => d.Key)); // read, if there is no problem
        if (problem is not null)
        {
            return problem.ToResult();
        }

        var change = new Change { Put = read!.Documents, Sources = read.Sources, Backing = new Backing.Emergency(time.GetUtcNow().AddMinutes(length)) }; // likewise
        var others = change.Put.Where(d => d is not PolicyDocument { Tier: Tier.Emergency } || policy.Current.State.Documents.Contains(d.Key))
            .Select(d => new ProblemError(d.Key.ToString(), "spec.tier", "no new policy of the emergency tier", "policies that are not there yet, with tier: emergency")).ToArray();
        return others.Length > 0
            ? Problem.Of(StatusCodes.Status422UnprocessableEntity, "an emergency only adds", others).ToResult()
            : (await policy.SubmitAsync(change, origin, cancellation)).ToResult(context, dryRun: false);
    }

    private static IResult List(HttpContext context, PolicyStore store, [FromQuery, Description("How many items to give at most.")] string? limit)
    {
        var confinement = Confinement.Of(context);
        return Page.TryRead(limit, null, out var page, out var problem)
            ? TypedResults.Json(new EmergencyList([.. store.ReadEmergencies(page.Limit).Where(e => confinement.Shows(KeyOf(e))).Select(EmergencyAnswer.Of)]), AnswerJson.Types.EmergencyList)
            : problem!.ToResult();
    }

    private static async Task<IResult> Close(
        HttpContext context, PolicyStore store, EmergencyWatch watch, [FromQuery(Name = "policy"), Description("The policy: tenant/name.")] string? name, CancellationToken cancellation)
    {
        var permissions = Caller.PermissionsOf(context);
        return store.ReadOpenEmergencies().FirstOrDefault(e => e.Policy.ToString() == name && permissions.Allow(Access.Write, KeyOf(e))) is { } emergency
            ? (await watch.CloseAsync(emergency, Caller.Of(context), cancellation)).ToResult(context, dryRun: false)
            : Problem.Of(StatusCodes.Status404NotFound, $"there is no emergency policy '{name}' in force").ToResult();
    }

    private static DocumentKey KeyOf(Emergency emergency) => new(emergency.Policy.Tenant, Kind.Policy, emergency.Policy.Name);
}
