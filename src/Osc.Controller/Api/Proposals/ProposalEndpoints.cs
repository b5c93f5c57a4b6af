using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Documents;
using Osc.Controller.Api.Explain;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Limits;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Loop;
using Osc.Controller.Proposals;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store;
using Osc.Store.Proposals;

namespace Osc.Controller.Api.Proposals;

/// <summary>A change that waits for others to agree to it, or has.</summary>
/// <param name="State">open, applied or rejected.</param>
/// <param name="Approvals">Who has agreed.</param>
/// <param name="Put">Documents that shall be there.</param>
/// <param name="Removed">Documents that shall go: "tenant/Kind/name".</param>
/// <param name="Plan">What it does, as things stood when it was proposed.</param>
/// <param name="Revision">The revision that it made; null if it made none.</param>
public sealed record ProposalAnswer(
    long Id,
    string State,
    string Proposer,
    DateTimeOffset Made,
    string Reason,
    IReadOnlyList<string> Approvals,
    IReadOnlyList<JsonElement> Put,
    IReadOnlyList<string> Removed,
    ChangeAnswer Plan,
    DateTimeOffset? Closed,
    string ClosedBy,
    long? Revision);

/// <summary>A page of proposals, newest first.</summary>
/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record ProposalList(IReadOnlyList<ProposalAnswer> Items, string? Next);

/// <summary>Four eyes: changes that others agree to before they are made.</summary>
public static class ProposalEndpoints
{
    private const string Tag = "Proposals";

    public static void MapProposals(this IEndpointRouteBuilder api)
    {
        api.MapPost("/proposals", Propose).Needs(Access.Write, Extent.Permitted).Describe(Tag, "Proposes a change: documents that shall be there, and some that shall go")
            .TakesDocuments().Answers<ProposalAnswer>(201).Refuses(400, 404, 409, 413, 415, 422, 503).IsLong().IsHeavy();
        api.MapGet("/proposals", List).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Lists proposals, newest first").Answers<ProposalList>().Refuses(400);
        api.MapGet("/proposals/{id:long}", Get).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Gets a proposal, with what it would do").Answers<ProposalAnswer>().Refuses(404);
        api.MapPost("/proposals/{id:long}/approve", Approve).Needs(Access.Approve, Extent.Permitted).Describe(Tag, "Agrees to a proposal; with the last approval that is asked for it is made").Answers<ProposalAnswer>().Refuses(404, 409, 422, 429, 503).IsHeavy();
        api.MapPost("/proposals/{id:long}/reject", Reject).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Refuses a proposal, or takes one's own back").Answers<ProposalAnswer>().Refuses(404, 409, 503);
    }

    private static async Task<IResult> Propose(
        HttpContext context,
        ProposalService proposals,
        PolicyLoop policy,
        [FromQuery, Description("A document that shall go: tenant/kind/name; again for more.")] string[]? delete,
        CancellationToken cancellation)
    {
        var removed = new List<DocumentKey>();
        foreach (var text in delete ?? [])
        {
            if (text.Split('/') is not [var tenant, var kind, var name] || !DocumentPath.TryRead(tenant, kind, name, out var key, out _))
            {
                return Problem.BadParameter("delete", $"'{text}' is no document", "tenant/kind/name").ToResult();
            }

            removed.Add(key);
        }

        // Without documents there are only those that shall go.
        var (read, problem) = removed.Count > 0 && context.Request.ContentLength is null or 0 ? (null, null) : await DocumentBody.ReadAsync(context.Request, cancellation);
        var put = read?.Documents ?? ValueList<Document>.Empty;
        problem ??= DocumentAccess.Refuse(context, Access.Write, [.. put.Select(d => d.Key), .. removed]);
        if (problem is not null)
        {
            return problem.ToResult();
        }

        try
        {
            var caller = Caller.IdentityOf(context) ?? throw new InvalidOperationException("the rule lets nobody in who is not known");
            var change = new Change { Put = put, Delete = removed, Sources = read?.Sources ?? Policy.Documents.DocumentSources.None };
            return proposals.Propose(change, caller, Caller.Of(context)) switch
            {
                ProposeOutcome.Made(var proposal) => TypedResults.Json(AnswerOf(context, policy, proposal), AnswerJson.Types.ProposalAnswer, statusCode: StatusCodes.Status201Created),
                ProposeOutcome.Refused(var outcome) => outcome.ToResult(context, dryRun: true),
                ProposeOutcome.ChangesNothing => Conflict("all documents are as proposed already: there is nothing to agree to"),
                ProposeOutcome.TooManyOpen => Conflict($"{ProposalStore.MaxOpen} proposals are open already"),
                var other => throw new InvalidOperationException($"no such outcome: {other}"),
            };
        }
        catch (StoreException e)
        {
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, e.Message).ToResult();
        }
    }

    private static IResult List(
        HttpContext context,
        PolicyStore store,
        PolicyLoop policy,
        [FromQuery, Description("open, applied, rejected or all; open unless said.")] string? state,
        [FromQuery, Description("How many items to give at most.")] string? limit,
        [FromQuery, Description("The 'next' of the page before.")] string? cursor)
    {
        if (!Page.TryRead(limit, cursor, out var page, out var problem))
        {
            return problem!.ToResult();
        }

        long before = 0;
        if (state is not (null or "open" or "applied" or "rejected" or "all"))
        {
            return Problem.BadParameter("state", $"'{state}' is none", "open, applied, rejected, all").ToResult();
        }

        if (page.After is not null && !long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            return Problem.BadParameter("cursor", "it is not one that this list gave as 'next'").ToResult();
        }

        ProposalState? wanted = state switch { "applied" => ProposalState.Applied, "rejected" => ProposalState.Rejected, "all" => null, _ => ProposalState.Open };
        var found = store.Proposals.Read(wanted, page.After is null ? null : before, page.Limit);
        var items = found.Where(p => MayRead(context, p)).Select(p => AnswerOf(context, policy, p)).ToArray();
        return TypedResults.Json(new ProposalList(items, found.Count == page.Limit ? Page.Encode(found[^1].Id.ToString(CultureInfo.InvariantCulture)) : null), AnswerJson.Types.ProposalList);
    }

    private static IResult Get(HttpContext context, PolicyStore store, PolicyLoop policy, long id) => Find(context, store, id) is { } proposal
        ? TypedResults.Json(AnswerOf(context, policy, proposal), AnswerJson.Types.ProposalAnswer)
        : Missing(id);

    private static async Task<IResult> Approve(HttpContext context, PolicyStore store, PolicyLoop policy, ProposalService proposals, long id, CancellationToken cancellation)
    {
        if (Find(context, store, id) is not { } proposal)
        {
            return Missing(id);
        }

        if (DocumentAccess.Refuse(context, Access.Approve, ProposalService.KeysOf(proposal)) is { } refused)
        {
            return refused.ToResult();
        }

        try
        {
            var caller = Caller.IdentityOf(context) ?? throw new InvalidOperationException("the rule lets nobody in who is not known");
            return await proposals.ApproveAsync(id, caller, Caller.Of(context), cancellation) switch
            {
                ApprovalOutcome.Submitted(ChangeOutcome.Accepted) or ApprovalOutcome.Waiting => Get(context, store, policy, id),
                ApprovalOutcome.Submitted(var outcome) => outcome.ToResult(context, dryRun: false),
                ApprovalOutcome.PlanChanged => Conflict("what was proposed means something else by now; nothing was changed: propose it anew"),
                ApprovalOutcome.Closed(var state) => Conflict($"the proposal is {state.ToString().ToLowerInvariant()} already"),
                ApprovalOutcome.SamePerson(var why) => Problem.Of(StatusCodes.Status403Forbidden, why).ToResult(),
                var other => throw new InvalidOperationException($"no such outcome: {other}"),
            };
        }
        catch (StoreException e)
        {
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, e.Message).ToResult();
        }
    }

    private static async Task<IResult> Reject(HttpContext context, PolicyStore store, PolicyLoop policy, ProposalService proposals, long id, CancellationToken cancellation)
    {
        if (Find(context, store, id) is not { } proposal)
        {
            return Missing(id);
        }

        if (proposal.Proposer != Caller.Of(context).Actor && DocumentAccess.Refuse(context, Access.Approve, ProposalService.KeysOf(proposal)) is { } refused)
        {
            return refused.ToResult();
        }

        try
        {
            return await proposals.RejectAsync(id, Caller.Of(context), cancellation) ? Get(context, store, policy, id) : Conflict("the proposal is closed already");
        }
        catch (StoreException e)
        {
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, e.Message).ToResult();
        }
    }

    /// <summary>What may not be read is to the caller as if it were not there.</summary>
    private static Proposal? Find(HttpContext context, PolicyStore store, long id) => store.Proposals.Find(id) is { } proposal && MayRead(context, proposal) ? proposal : null;

    private static bool MayRead(HttpContext context, Proposal proposal)
    {
        var confinement = Confinement.Of(context);
        return ProposalService.KeysOf(proposal).All(confinement.Shows);
    }

    private static IResult Missing(long id) => Problem.Of(StatusCodes.Status404NotFound, $"there is no proposal {id}").ToResult();

    private static IResult Conflict(string why) => Problem.Of(StatusCodes.Status409Conflict, why).ToResult();

    private static ProposalAnswer AnswerOf(HttpContext context, PolicyLoop policy, Proposal proposal)
    {
        var (confinement, state) = (Confinement.Of(context), policy.Current.State);
        var plan = JsonSerializer.Deserialize(proposal.Plan, AnswerJson.Kept.ChangeAnswer) ?? throw new InvalidDataException($"the plan of proposal {proposal.Id} is null");
        using var put = JsonDocument.Parse(proposal.Put);
        return new(
            proposal.Id,
            proposal.State.ToString().ToLowerInvariant(),
            proposal.Proposer,
            proposal.Made,
            proposal.Reason,
            proposal.Approvals,
            [.. put.RootElement.EnumerateArray().Select(d => d.Clone())],
            proposal.Removed,
            plan with
            {
                Hosts = [.. plan.Hosts.Where(h => confinement.ShowsHost(Name.TryParse(h.Host, out var host) ? state.Host(host) : null))],
                Effects = plan.Effects is { } effects ? ConfinedAnswers.Of(confinement, effects) : null,
            },
            proposal.Closed,
            proposal.ClosedBy,
            proposal.State == ProposalState.Applied ? proposal.Revision.Number : null);
    }
}
