using Osc.Controller.Alarms;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Delivery;
using Osc.Controller.Loop;
using Osc.Model;

namespace Osc.Controller.Api.Hosts;

/// <summary>All hosts, by name.</summary>
public sealed record HostList(IReadOnlyList<HostAnswer> Items);

public static class HostEndpoints
{
    private const string Tag = "Hosts";

    public static void MapHosts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/hosts", List).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Lists hosts: how each stands, what it should have and what it has").Answers<HostList>();
        api.MapGet("/hosts/{name}", Get).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Gets a host").Answers<HostAnswer>().Refuses(404);
    }

    private static IResult List(HttpContext context, DeliveryService delivery, PolicyLoop policy, AlarmWatch alarms)
    {
        var state = policy.Current.State;
        var confinement = Confinement.Of(context);
        var standing = alarms.Standing.ToLookup(a => a.Key.Host);
        return TypedResults.Json(new HostList([.. delivery.Statuses.Where(s => confinement.ShowsHost(state.Host(s.Host))).Select(s => HostAnswer.Of(s, state, standing[s.Host]))]), AnswerJson.Types.HostList);
    }

    private static IResult Get(HttpContext context, DeliveryService delivery, PolicyLoop policy, AlarmWatch alarms, string name)
    {
        var state = policy.Current.State;
        var isName = Name.TryParse(name, out var host);
        if (!Confinement.Of(context).ShowsHost(isName ? state.Host(host) : null))
        {
            return Problem.Of(StatusCodes.Status403Forbidden, "read access to the host's document is missing").ToResult();
        }

        return isName && delivery.Find(host) is { } status
            ? TypedResults.Json(HostAnswer.Of(status, state, alarms.Of(host)), AnswerJson.Types.HostAnswer)
            : Problem.Of(StatusCodes.Status404NotFound, $"there is no host '{name}'").ToResult();
    }
}
