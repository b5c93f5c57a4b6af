using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Repeats;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Loop;
using Osc.Policy.Documents;

namespace Osc.Controller.Api.Documents;

/// <summary>Documents one by one, and lists of them.</summary>
public static class DocumentEndpoints
{
    private const string Tag = "Documents";

    public static void MapDocuments(this IEndpointRouteBuilder api)
    {
        api.MapGet("/documents", ListAll).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Lists documents of all tenants and kinds").Answers<DocumentPage>().Refuses(400);
        api.MapGet("/{tenant}/{kind}", ListKind).Needs(Access.Read, Extent.Path).Describe(Tag, "Lists a tenant's documents of one kind").Answers<DocumentPage>().Refuses(400, 404);
        api.MapGet("/{tenant}/{kind}/{name}", Get).Needs(Access.Read, Extent.Path).Describe(Tag, "Gets a document, as canonical JSON or as YAML (Accept)").AnswersDocument().Refuses(404);
        api.MapPut("/{tenant}/{kind}/{name}", Put).Needs(Access.Write, Extent.Path).Describe(Tag, "Puts a document in place, as JSON or YAML").TakesDocuments().Answers<ChangeAnswer>().Answers<ChangeAnswer>(201).Refuses(400, 404, 409, 412, 413, 415, 422, 503).IsRepeatable();
        api.MapDelete("/{tenant}/{kind}/{name}", Delete).Needs(Access.Write, Extent.Path).Describe(Tag, "Deletes a document").Answers<ChangeAnswer>().Refuses(400, 404, 409, 412, 422, 503).IsRepeatable();
    }

    private static IResult ListAll(
        HttpContext context,
        PolicyLoop policy,
        [AsParameters] ListFilter filter,
        [FromQuery, Description("Only documents of this tenant.")] string? tenant = null,
        [FromQuery, Description("Only documents of this kind.")] string? kind = null) =>
        List(context, policy.Current, new(tenant, kind, filter.Selector, filter.Limit, filter.Cursor));

    private static IResult ListKind(HttpContext context, PolicyLoop policy, string tenant, string kind, [AsParameters] ListFilter filter)
    {
        if (!DocumentPath.TryTenant(tenant, out _) || !DocumentPath.TryKind(kind, out _))
        {
            return DocumentPath.TryRead(tenant, kind, "x", out _, out var problem) ? Results.NotFound() : problem!.ToResult();
        }

        return List(context, policy.Current, new(tenant, kind, filter.Selector, filter.Limit, filter.Cursor));
    }

    private static IResult List(HttpContext context, Snapshot snapshot, DocumentListQuery query)
    {
        var (page, problem) = DocumentList.Read(snapshot.State.Documents, query, Confinement.Of(context));
        context.Response.Headers[ChangeResults.RevisionHeader] = snapshot.Revision.ToString();
        return page is null ? problem!.ToResult() : TypedResults.Json(page, AnswerJson.Types.DocumentPage);
    }

    private static IResult Get(HttpContext context, PolicyLoop policy, string tenant, string kind, string name)
    {
        if (!DocumentPath.TryRead(tenant, kind, name, out var key, out var problem))
        {
            return problem!.ToResult();
        }

        var snapshot = policy.Current;
        if (snapshot.State.Documents.Find(key) is not { } document)
        {
            return Problem.Of(StatusCodes.Status404NotFound, $"there is no document {key}").ToResult();
        }

        var hash = DocumentHash.Of(document);
        context.Response.Headers.ETag = EntityTag.Of(hash);
        context.Response.Headers[ChangeResults.RevisionHeader] = snapshot.Revision.ToString();
        if (EntityTag.Read(context.Request, "If-None-Match") is { } known && (known.Contains(hash) || known.Contains("*")))
        {
            return Results.StatusCode(StatusCodes.Status304NotModified);
        }

        return DocumentBody.PrefersYaml(context.Request)
            ? Results.Text(DocumentPrinter.ToYaml(document), DocumentBody.Yaml)
            : Results.Text(DocumentPrinter.ToJson(document), DocumentBody.Json);
    }

    private static async Task<IResult> Put(HttpContext context, PolicyLoop policy, string tenant, string kind, string name, CancellationToken cancellation)
    {
        if (!DocumentPath.TryRead(tenant, kind, name, out var key, out var problem))
        {
            return problem!.ToResult();
        }

        var (read, unreadable) = await DocumentBody.ReadAsync(context.Request, cancellation);
        if (read is null)
        {
            return unreadable!.ToResult();
        }

        if (read.Documents.Count != 1)
        {
            return Problem.Of(StatusCodes.Status422UnprocessableEntity, $"the body holds {read.Documents.Count} documents; this path takes one").ToResult();
        }

        var document = read.Documents[0];
        if (document.Key != key)
        {
            var error = new ProblemError(document.Key.ToString(), "metadata", $"the document is {document.Key}, but the path names {key}", key.ToString());
            return Problem.Of(StatusCodes.Status422UnprocessableEntity, "the document belongs to another path", error).ToResult();
        }

        var tag = EntityTag.Of(DocumentHash.Of(document));
        var change = new Change { Put = [document], Sources = read.Sources, Precondition = PreconditionOf(context.Request, key), Answer = ChangeResults.Kept(context, StatusOf, tag) };
        var outcome = await policy.SubmitAsync(change, Caller.Of(context), cancellation);
        context.Response.Headers.ETag = outcome is ChangeOutcome.Accepted ? tag : default;
        return outcome.ToResult(context, dryRun: false, outcome is ChangeOutcome.Accepted { Plan: var plan } ? StatusOf(plan) : StatusCodes.Status200OK);
    }

    private static int StatusOf(Plan plan) => plan.Documents is [{ Kind: StepKind.Created }] ? StatusCodes.Status201Created : StatusCodes.Status200OK;

    private static async Task<IResult> Delete(HttpContext context, PolicyLoop policy, string tenant, string kind, string name, CancellationToken cancellation)
    {
        if (!DocumentPath.TryRead(tenant, kind, name, out var key, out var problem))
        {
            return problem!.ToResult();
        }

        var change = new Change { Delete = [key], Precondition = PreconditionOf(context.Request, key), Answer = ChangeResults.Kept(context, _ => StatusCodes.Status200OK) };
        var outcome = await policy.SubmitAsync(change, Caller.Of(context), cancellation);
        return outcome.ToResult(context, dryRun: false);
    }

    private static Precondition? PreconditionOf(HttpRequest request, Osc.Model.Documents.DocumentKey key)
    {
        var (ifMatch, ifNoneMatch) = (EntityTag.Read(request, "If-Match"), EntityTag.Read(request, "If-None-Match"));
        return ifMatch is null && ifNoneMatch is null ? null : new(key, ifMatch, ifNoneMatch);
    }
}
