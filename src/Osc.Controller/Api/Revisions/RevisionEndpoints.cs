using System.ComponentModel;
using System.Globalization;
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
using Osc.Controller.Loop;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store;

namespace Osc.Controller.Api.Revisions;

/// <summary>When a revision was made, by whom and why.</summary>
/// <param name="Changes">How many documents it changed.</param>
public sealed record RevisionAnswer(long Revision, DateTimeOffset Time, string Actor, string Reason, int Changes);

/// <summary>A page of revisions, newest first.</summary>
/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record RevisionList(IReadOnlyList<RevisionAnswer> Items, string? Next);

public static class RevisionEndpoints
{
    private const string Tag = "Revisions";

    public static void MapRevisions(this IEndpointRouteBuilder api)
    {
        api.MapGet("/revisions", List).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Lists revisions, newest first").Answers<RevisionList>().Refuses(400);
        api.MapGet("/revisions/{revision}/documents", Documents).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Lists the documents as they were at a revision").Answers<DocumentPage>().Refuses(400, 404, 429).IsHeavy();
    }

    private static IResult List(
        HttpContext context,
        PolicyStore store,
        [FromQuery, Description("How many items to give at most.")] string? limit,
        [FromQuery, Description("The 'next' of the page before.")] string? cursor)
    {
        if (!Page.TryRead(limit, cursor, out var page, out var problem))
        {
            return problem!.ToResult();
        }

        Revision? after = null;
        if (page.After is not null && (after = Parse(page.After)) is null)
        {
            return Problem.BadParameter("cursor", "it is not one that this list gave as 'next'").ToResult();
        }

        var found = store.ReadRevisions(after, page.Limit, Confinement.Of(context).Scope);
        var items = found.Items.Select(r => new RevisionAnswer(r.Revision.Number, r.Time, r.Actor, r.Reason, r.Changes));
        return TypedResults.Json(new RevisionList([.. items], found.Next is { } next ? Page.Encode(next.ToString()) : null), AnswerJson.Types.RevisionList);
    }

    private static IResult Documents(HttpContext context, PolicyStore store, PolicyLoop policy, Explainers explainers, string revision, [AsParameters] ListFilter filter)
    {
        if (Parse(revision) is not { } at || store.FindRevision(at) is null)
        {
            return Problem.Of(StatusCodes.Status404NotFound, $"there is no revision '{revision}'").ToResult();
        }

        // Past states share with the present one what has not changed since; one that cannot be made any more is read whole.
        var then = at.CompareTo(policy.Current.Revision) <= 0 ? explainers.At(at).Explainer : null;
        var documents = then?.State.Documents ?? DocumentSet.Of(store.ReadDocuments(at).Select(StoredDocuments.Parse));
        var (page, problem) = DocumentList.Read(documents, new(null, null, filter.Selector, filter.Limit, filter.Cursor), Confinement.Of(context));
        context.Response.Headers[ChangeResults.RevisionHeader] = at.ToString();
        return page is null ? problem!.ToResult() : TypedResults.Json(page, AnswerJson.Types.DocumentPage);
    }

    private static Revision? Parse(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new Revision(number) : null;
}
