using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Requests;
using Osc.Model;
using Osc.Store.AuditLog;

namespace Osc.Controller.Api.Audit;

/// <summary>The parameters of an audit query. All that are given must hold.</summary>
public sealed record AuditParameters(
    [property: FromQuery(Name = "actor"), Description("Records of this actor.")] string? Actor,
    [property: FromQuery(Name = "action"), Description("Records of this action: document.create, document.update, document.delete, request.refused, rollout.start, rollout.ack, alarm.raise, alarm.clear, ...")] string? Action,
    [property: FromQuery(Name = "tenant"), Description("Records about this tenant's documents.")] string? Tenant,
    [property: FromQuery(Name = "kind"), Description("Records about documents of this kind.")] string? Kind,
    [property: FromQuery(Name = "name"), Description("Records about documents of this name.")] string? Name,
    [property: FromQuery(Name = "revision"), Description("Records of this revision.")] string? Revision,
    [property: FromQuery(Name = "sequence"), Description("The record of this number.")] string? Sequence,
    [property: FromQuery(Name = "address"), Description("Records of requests from this address.")] string? Address,
    [property: FromQuery(Name = "request"), Description("Records of this request.")] string? RequestId,
    [property: FromQuery(Name = "outcome"), Description("Records with exactly this outcome: ok, or what went wrong.")] string? Outcome,
    [property: FromQuery(Name = "from"), Description("At this time or later (RFC 3339).")] string? From,
    [property: FromQuery(Name = "to"), Description("Before this time (RFC 3339).")] string? To,
    [property: FromQuery(Name = "text"), Description("Words that all occur in the record; \"in quotes\" together; a word that ends in * is a beginning.")] string? Text,
    [property: FromQuery(Name = "limit"), Description("How many items to give at most.")] string? Limit,
    [property: FromQuery(Name = "cursor"), Description("The 'next' of the page before.")] string? Cursor,
    [property: FromQuery(Name = "order"), Description("Newest or oldest first.")] string? Order)
{
    internal (AuditQuery? Query, Problem? Problem) Read()
    {
        if (!Page.TryRead(Limit, Cursor, out var page, out var problem))
        {
            return (null, problem);
        }

        var kind = default(Osc.Model.Documents.Kind);
        var (from, fromIsTime) = TimeOf(From);
        var (to, toIsTime) = TimeOf(To);
        var (revision, revisionIsNumber) = NumberOf(Revision);
        var (sequence, sequenceIsNumber) = NumberOf(Sequence);
        var (cursor, cursorIsNumber) = NumberOf(page.After);
        problem = Kind is not null && !DocumentPath.TryKind(Kind, out kind) ? Problem.BadParameter("kind", $"there is no kind '{Kind}'", DocumentPath.AllowedKinds)
            : !fromIsTime ? Problem.BadParameter("from", $"'{From}' is no time", TimeAllowed)
            : !toIsTime ? Problem.BadParameter("to", $"'{To}' is no time", TimeAllowed)
            : !revisionIsNumber ? Problem.BadParameter("revision", $"'{Revision}' is no revision", "a number")
            : !sequenceIsNumber ? Problem.BadParameter("sequence", $"'{Sequence}' is no record's number", "a number")
            : !cursorIsNumber ? Problem.BadParameter("cursor", "it is not one that this list gave as 'next'")
            : Order is not (null or "asc" or "desc") ? Problem.BadParameter("order", $"'{Order}' is no order", "asc, desc")
            : null;
        return problem is not null ? (null, problem) : (new AuditQuery
        {
            Sequence = sequence,
            Address = Address,
            RequestId = RequestId,
            Outcome = Outcome,
            Actor = Actor,
            Action = Action,
            Tenant = Tenant,
            Kind = Kind is null ? null : kind.ToString(),
            Name = Name,
            Revision = revision is { } number ? new Revision(number) : null,
            From = from,
            To = to,
            Text = Text,
            Cursor = cursor,
            Limit = page.Limit,
            Ascending = Order == "asc",
        }, null);
    }

    private const string TimeAllowed = "RFC 3339, for example 2026-01-31T12:00:00Z";

    private static (DateTimeOffset? Time, bool IsGood) TimeOf(string? text) =>
        text is null ? (null, true)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? (time, true)
        : (null, false);

    private static (long? Number, bool IsGood) NumberOf(string? text) =>
        text is null ? (null, true)
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (number, true)
        : (null, false);
}
