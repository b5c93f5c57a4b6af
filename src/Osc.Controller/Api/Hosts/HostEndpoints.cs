using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Delivery;
using Osc.Controller.Loop;
using Osc.Model;
using Osc.Policy;

namespace Osc.Controller.Api.Hosts;

/// <summary>A host between what it should have and what it has.</summary>
/// <param name="DesiredRevision">The revision that last changed the host's flows; 0 if there is no Host document.</param>
/// <param name="AckedRevision">The revision whose flows the switch was last confirmed to have; 0 for none.</param>
/// <param name="Flows">How many flows the host should have.</param>
/// <param name="Digest">The digest of the flows that it should have.</param>
/// <param name="LastSeen">When its agent was last heard.</param>
/// <param name="Ports">The switch's ports, as the agent last reported them.</param>
/// <param name="UnboundPorts">Ports that flows name and the switch does not have.</param>
/// <param name="Warnings">What a person should look at on the host.</param>
/// <param name="Error">Why it is not enforcing; empty if it is.</param>
public sealed record HostAnswer(
    string Name,
    HostState State,
    long DesiredRevision,
    long AckedRevision,
    int Flows,
    string Digest,
    string? AgentVersion,
    string? SwitchVersion,
    DateTimeOffset? LastSeen,
    IReadOnlyList<HostPortAnswer> Ports,
    IReadOnlyList<string> UnboundPorts,
    IReadOnlyList<string> Warnings,
    string Error)
{
    /// <param name="state">Says whose ports they are.</param>
    public static HostAnswer Of(HostStatus status, State state)
    {
        var attached = status.Ports?.Bridges.SelectMany(b => b.Ports.Select(p => AttachedPort.Of(b.Bridge, p, state, status.Host))).ToArray() ?? [];
        return Of(status, [.. attached.Select(HostPortAnswer.Of)], [.. status.Warnings, .. attached.SelectMany(p => p.Doubts)]);
    }

    private static HostAnswer Of(HostStatus status, IReadOnlyList<HostPortAnswer> ports, IReadOnlyList<string> warnings) => new(
        status.Host.Value,
        status.State,
        status.Desired.Number,
        status.Acked.Number,
        status.Flows,
        status.Digest,
        status.AgentVersion,
        status.SwitchVersion,
        status.LastSeen,
        ports,
        status.UnboundPorts,
        warnings,
        status.Error);
}

/// <summary>All hosts, by name.</summary>
public sealed record HostList(IReadOnlyList<HostAnswer> Items);

public static class HostEndpoints
{
    private const string Tag = "Hosts";

    public static void MapHosts(this IEndpointRouteBuilder api)
    {
        api.MapGet("/hosts", List).Needs(Access.Read).Describe(Tag, "Lists hosts: what each should have and what it has").Answers<HostList>();
        api.MapGet("/hosts/{name}", Get).Needs(Access.Read).Describe(Tag, "Gets a host").Answers<HostAnswer>().Refuses(404);
    }

    private static IResult List(DeliveryService delivery, PolicyLoop policy)
    {
        var state = policy.Current.State;
        return TypedResults.Json(new HostList([.. delivery.Statuses.Select(s => HostAnswer.Of(s, state))]), AnswerJson.Types.HostList);
    }

    private static IResult Get(DeliveryService delivery, PolicyLoop policy, string name) =>
        Name.TryParse(name, out var host) && delivery.Find(host) is { } status
            ? TypedResults.Json(HostAnswer.Of(status, policy.Current.State), AnswerJson.Types.HostAnswer)
            : Problem.Of(StatusCodes.Status404NotFound, $"there is no host '{name}'").ToResult();
}
