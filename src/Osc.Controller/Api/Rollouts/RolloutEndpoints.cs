using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Loop;
using Osc.Model;
using Osc.Store;
using Osc.Store.Hosts;

namespace Osc.Controller.Api.Rollouts;

/// <summary>The delivery of one revision to the hosts whose flows it changed.</summary>
/// <param name="Started">When the revision was committed.</param>
/// <param name="Finished">When the last host had it; null as long as one has not.</param>
/// <param name="Acked">How many hosts have it.</param>
/// <param name="Total">How many hosts it concerns.</param>
public sealed record RolloutAnswer(long Revision, DateTimeOffset Started, DateTimeOffset? Finished, int Acked, int Total, IReadOnlyList<HostRolloutAnswer> Hosts)
{
    /// <param name="shows">Whether a host is one that the reader may read; all of them count.</param>
    public static RolloutAnswer Of(RolloutInfo info, Func<Name, bool> shows) => new(
        info.Revision.Number,
        info.Started,
        info.Finished,
        info.Acked,
        info.Hosts.Count,
        [.. info.Hosts.Where(h => shows(h.Host)).Select(h => new HostRolloutAnswer(h.Host.Value, h.State, h.SentAt, h.AckedAt, h.Milliseconds, h.Error))]);
}

/// <param name="Milliseconds">How long the agent took; null unless this very revision was acknowledged.</param>
/// <param name="Error">Why the host refused it; empty otherwise.</param>
public sealed record HostRolloutAnswer(string Host, RolloutState State, DateTimeOffset? SentAt, DateTimeOffset? AckedAt, double? Milliseconds, string Error);

/// <summary>Rollouts, newest first.</summary>
public sealed record RolloutList(IReadOnlyList<RolloutAnswer> Items);

public static class RolloutEndpoints
{
    private const string Tag = "Rollouts";

    public static void MapRollouts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/rollouts", List).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Lists the newest rollouts").Answers<RolloutList>().Refuses(400);
        api.MapGet("/rollouts/{revision}", Get).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Gets a revision's rollout: which hosts have it").Answers<RolloutAnswer>().Refuses(404);
    }

    private static IResult List(HttpContext context, PolicyStore store, PolicyLoop policy, [FromQuery, Description("How many items to give at most.")] string? limit) =>
        Page.TryRead(limit, null, out var page, out var problem)
            ? TypedResults.Json(new RolloutList([.. store.ReadRollouts(page.Limit, Confinement.Of(context).Scope).Select(r => RolloutAnswer.Of(r, ShownTo(context, policy)))]), AnswerJson.Types.RolloutList)
            : problem!.ToResult();

    private static IResult Get(HttpContext context, PolicyStore store, PolicyLoop policy, string revision) =>
        long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && (Confinement.Of(context).Scope is not { } scope || store.Concerns(new(number), scope))
        && store.FindRollout(new(number)) is { } rollout
            ? TypedResults.Json(RolloutAnswer.Of(rollout, ShownTo(context, policy)), AnswerJson.Types.RolloutAnswer)
            : Problem.Of(StatusCodes.Status404NotFound, $"there is no revision '{revision}'").ToResult();

    private static Func<Name, bool> ShownTo(HttpContext context, PolicyLoop policy)
    {
        var (confinement, state) = (Confinement.Of(context), policy.Current.State);
        return host => confinement.ShowsHost(state.Host(host));
    }
}
