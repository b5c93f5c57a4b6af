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
using Osc.Model.Health;
using Osc.Store;
using Osc.Store.Alarms;

namespace Osc.Controller.Api.Alarms;

/// <summary>Something that is, or was, wrong on a host.</summary>
/// <param name="Kind">docs/operations.md lists the kinds.</param>
/// <param name="Subject">What on the host it is about; empty for the host as a whole.</param>
/// <param name="Detail">What is wrong; of an alarm that is over, what was last.</param>
/// <param name="Since">When it was raised.</param>
/// <param name="Cleared">When it was over; null while it stands.</param>
public sealed record AlarmAnswer(string Host, string Kind, AlarmSeverity Severity, string Subject, string Detail, DateTimeOffset Since, DateTimeOffset? Cleared)
{
    internal static AlarmAnswer Of(Alarm alarm) => new(alarm.Key.Host.Value, alarm.Key.Kind, alarm.Severity, alarm.Key.Subject, alarm.Detail, alarm.Raised, alarm.Cleared);
}

/// <summary>A page of alarms, newest first.</summary>
/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record AlarmList(IReadOnlyList<AlarmAnswer> Items, string? Next);

/// <summary>The parameters of a list of alarms. All that are given must hold.</summary>
public sealed record AlarmParameters(
    [property: FromQuery(Name = "state"), Description("standing (as usual), over, or all.")] string? State,
    [property: FromQuery(Name = "host"), Description("Alarms of this host.")] string? Host,
    [property: FromQuery(Name = "kind"), Description("Alarms of this kind: agent-silent, switch-away, upcalls-lost, ...")] string? Kind,
    [property: FromQuery(Name = "severity"), Description("Alarms of this severity: critical, warning, info.")] string? Severity,
    [property: FromQuery(Name = "limit"), Description("How many items to give at most.")] string? Limit,
    [property: FromQuery(Name = "cursor"), Description("The 'next' of the page before.")] string? Cursor)
{
    internal (AlarmQuery? Query, Problem? Problem) Read()
    {
        if (!Page.TryRead(Limit, Cursor, out var page, out var problem))
        {
            return (null, problem);
        }

        var cursor = 0L;
        var severity = default(AlarmSeverity);
        problem = State is not (null or "standing" or "over" or "all") ? Problem.BadParameter("state", $"'{State}' is none", "standing, over, all")
            : Severity is not (null or "critical" or "warning" or "info") || (Severity is not null && !Enum.TryParse(Severity, ignoreCase: true, out severity)) ? Problem.BadParameter("severity", $"'{Severity}' is none", "critical, warning, info")
            : page.After is not null && !long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out cursor) ? Problem.BadParameter("cursor", "it is not one that this list gave as 'next'")
            : null;
        return problem is not null ? (null, problem) : (new AlarmQuery
        {
            Host = Host,
            Kind = Kind,
            Severity = Severity is null ? null : severity,
            Standing = State switch { "over" => false, "all" => null, _ => true },
            Cursor = page.After is null ? null : cursor,
            Limit = page.Limit,
        }, null);
    }
}

public static class AlarmEndpoints
{
    public static void MapAlarms(this IEndpointRouteBuilder api) =>
        api.MapGet("/alarms", List).Needs(Access.Read, Extent.Permitted).Describe("Alarms", "Lists alarms, newest first: those that stand, or those that are over").Answers<AlarmList>().Refuses(400);

    private static IResult List(HttpContext context, PolicyStore store, PolicyLoop policy, [AsParameters] AlarmParameters parameters)
    {
        var (query, problem) = parameters.Read();
        if (query is null)
        {
            return problem!.ToResult();
        }

        var confinement = Confinement.Of(context);
        var hosts = confinement.IsNone ? null : policy.Current.State.Hosts.Where(confinement.ShowsHost).Select(h => h.Metadata.Name.Value).ToArray();
        var page = store.QueryAlarms(query with { Hosts = hosts });
        var next = page.Next is { } id ? Page.Encode(id.ToString(CultureInfo.InvariantCulture)) : null;
        return TypedResults.Json(new AlarmList([.. page.Items.Select(AlarmAnswer.Of)], next), AnswerJson.Types.AlarmList);
    }
}
