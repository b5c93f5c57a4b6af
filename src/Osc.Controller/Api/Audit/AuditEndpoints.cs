using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Osc.Audit;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Limits;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Store;
using Osc.Store.AuditLog;

namespace Osc.Controller.Api.Audit;

/// <summary>A page of the audit log.</summary>
/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record AuditList(IReadOnlyList<AuditItem> Items, string? Next);

/// <summary>Who did what to which document, when, from where and why, and what came of it.</summary>
/// <param name="Sequence">Counts from 1 without a gap.</param>
/// <param name="Time">UTC, to the microsecond.</param>
/// <param name="Actor">A token's name, "osc" for the controller itself, or "agent/HOST".</param>
/// <param name="Before">The document before; null if there was none.</param>
/// <param name="After">The document after; null if there is none.</param>
public sealed record AuditItem(
    long Sequence,
    DateTimeOffset Time,
    string Actor,
    string Address,
    string RequestId,
    string Action,
    string Tenant,
    string Kind,
    string Name,
    long Revision,
    string Reason,
    string Outcome,
    JsonElement? Before,
    JsonElement? After);

/// <summary>How many records there are of each value, the most frequent first, or of each day, the newest first; at most 1000.</summary>
public sealed record AuditCountList(string By, IReadOnlyList<AuditCountItem> Items);

public sealed record AuditCountItem(string Value, long Records);

public static class AuditEndpoints
{
    private const string Tag = "Audit";

    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        api.MapGet("/audit", Query).Needs(Access.Audit, Extent.Permitted)
            .Describe(Tag, "Queries the audit log; with Accept: application/x-ndjson or text/csv streams all records that match, a line each")
            .Answers<AuditList>().AnswersLines(AuditStreams.NdJson).Refuses(400, 429).IsStream();
        api.MapGet("/audit/counts", Count).Needs(Access.Audit, Extent.Permitted)
            .Describe(Tag, "Counts audit records by day, actor, action, tenant or kind").Answers<AuditCountList>().Refuses(400, 429).IsLong();
        api.MapGet("/audit/tail", Tail).Needs(Access.Audit, Extent.Permitted)
            .Describe(Tag, "Streams audit records as they come, as server-sent events; the header Last-Event-ID goes on after a record").AnswersText(AuditTail.MediaType).Refuses(400, 429).IsStream();
    }

    private static IResult Query(HttpContext context, PolicyStore store, TimeProvider time, [AsParameters] AuditParameters parameters)
    {
        if (!TryRead(context, parameters, out var query, out var problem))
        {
            return problem!.ToResult();
        }

        return AuditStreams.Accepted(context.Request) is not { } type
            ? Results.Stream(stream => WritePageAsync(stream, store.QueryAudit(query), context.RequestAborted), DocumentBody.Json)
            : parameters.Limit is null ? Export(context, store, time, query, type)
            : Results.Stream(stream => AuditStreams.WriteAsync(stream, type, store.EnumerateAudit(query).Take(query.Limit), context.RequestAborted), type);
    }

    /// <summary>Whoever takes the log away is in the log; the export itself ends before that.</summary>
    private static IResult Export(HttpContext context, PolicyStore store, TimeProvider time, AuditQuery query, string type)
    {
        var last = store.AuditTree.Size;
        var origin = Caller.Of(context);
        store.AppendAudit([new()
        {
            Time = time.GetUtcNow(),
            Actor = origin.Actor,
            Address = origin.Address,
            RequestId = origin.RequestId,
            Reason = origin.Reason,
            Action = AuditAction.AuditExport,
            After = JsonSerializer.Serialize(new { type, query = context.Request.QueryString.Value, last }),
            Outcome = AuditRecord.Ok,
        }]);
        return Results.Stream(stream => AuditStreams.WriteAsync(stream, type, store.EnumerateAudit(query, last), context.RequestAborted), type);
    }

    private static IResult Count(HttpContext context, PolicyStore store, [AsParameters] AuditParameters parameters, [FromQuery, Description("By what: day, actor, action, tenant or kind.")] string? by)
    {
        if (!TryRead(context, parameters, out var query, out var problem))
        {
            return problem!.ToResult();
        }

        return by is not null && by.All(char.IsAsciiLetterLower) && Enum.TryParse<AuditCountBy>(by, ignoreCase: true, out var value)
            ? TypedResults.Json(new AuditCountList(by, [.. store.CountAudit(query, value).Select(c => new AuditCountItem(c.Value, c.Records))]), AnswerJson.Types.AuditCountList)
            : Problem.BadParameter("by", by is null ? "it is missing" : $"records are not counted by '{by}'", "day, actor, action, tenant, kind").ToResult();
    }

    private static IResult Tail(
        HttpContext context, PolicyStore store, TimeProvider time, IHostApplicationLifetime lifetime, [AsParameters] AuditParameters parameters,
        [FromQuery, Description("Begins with the record after this one, by its number; with what is new, unless said. With 'limit' the stream ends after so many records.")] string? after)
    {
        if (!TryRead(context, parameters, out var query, out var problem))
        {
            return problem!.ToResult();
        }

        // What a browser sends when it comes back is newer than what its page once asked for.
        var start = context.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } id ? id : after;
        var number = store.AuditTree.Size;
        if (start is not null && !long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return Problem.BadParameter("after", $"'{start}' is no record's number", "a number").ToResult();
        }

        var tail = new AuditTail(store, query with { Cursor = number, Ascending = true, Limit = AuditQuery.MaxLimit }, parameters.Limit is null ? long.MaxValue : query.Limit, time);
        return Results.Stream(stream => tail.WriteAsync(stream, context.RequestAborted, lifetime.ApplicationStopping), AuditTail.MediaType);
    }

    private static bool TryRead(HttpContext context, AuditParameters parameters, out AuditQuery query, out Problem? problem)
    {
        (var read, problem) = parameters.Read();
        query = (read ?? new()) with { Scope = Caller.PermissionsOf(context).TenantsOf(Access.Audit) is { } tenants ? new(tenants) : null };
        return read is not null;
    }

    private static async Task WritePageAsync(Stream stream, AuditPage page, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (var record in page.Items)
        {
            AuditJson.Write(json, record);
        }

        json.WriteEndArray();
        json.WriteString("next", page.Next is { } next ? Page.Encode(next.ToString(CultureInfo.InvariantCulture)) : null);
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
    }
}
