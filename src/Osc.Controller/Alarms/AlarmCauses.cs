using Osc.Controller.Delivery;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Model.Health;
using Osc.Policy;
using Osc.Store.Emergencies;

namespace Osc.Controller.Alarms;

/// <summary>Cause for an alarm.</summary>
public sealed record AlarmCause(AlarmKind Kind, string Subject, string Detail);

/// <summary>What of a host's present status is cause for an alarm. No clock, no memory.</summary>
public static class AlarmCauses
{
    private const int MaxNamedPorts = 10;

    /// <summary>Whether the status can tell if there is cause for an alarm of this kind; until it can, an alarm that stands is left standing.</summary>
    public static bool CanTell(HostStatus status, AlarmKind kind) =>
        kind == AlarmKind.BreakGlass
        || (kind == AlarmKind.FlowsOverBudget ? status.Desired != Revision.None
        : kind == AlarmKind.AgentSilent ? status.Contact is AgentContact.Heard or AgentContact.Lost
        : kind == AlarmKind.OtherGuest || kind == AlarmKind.TwoWorkloads || kind == AlarmKind.PortsUnbound ? status.Ports is not null
        : status.WasHeard);

    /// <summary>What can be told at no cost.</summary>
    /// <param name="maxFlows">The flow budget of a host.</param>
    public static IEnumerable<AlarmCause> Of(HostStatus status, int maxFlows)
    {
        if (status.Contact == AgentContact.Lost)
        {
            yield return new(AlarmKind.AgentSilent, "", "the agent missed three heartbeats; its switch is believed to enforce what it last confirmed");
        }

        if (status.Refusal is { } refusal)
        {
            yield return new(AlarmKind.UpdateRefused, "", refusal);
        }

        if (status.Flows > maxFlows)
        {
            yield return new(AlarmKind.FlowsOverBudget, "", $"{status.Flows} flows are more than the {maxFlows} that a host may have (maxFlowsPerHost)");
        }

        foreach (var fault in status.Faults)
        {
            yield return new(AlarmKind.Of(fault.Kind), fault.Subject, fault.Detail);
        }
    }

    /// <summary>Emergency policies, on each host with workloads that they stand in.</summary>
    public static IEnumerable<(Name Host, AlarmCause Cause)> OfEmergencies(IReadOnlyList<Emergency> emergencies, State state)
    {
        foreach (var emergency in emergencies)
        {
            var tenant = emergency.Policy.Tenant;
            var hosts = state.Documents.OfType<WorkloadDocument>()
                .Where(w => tenant == Tenants.System || w.Metadata.Tenant == tenant)
                .SelectMany(w => w.Interfaces).Select(i => i.Attachment?.Host).OfType<Name>().Distinct();
            foreach (var host in hosts)
            {
                yield return (host, new(AlarmKind.BreakGlass, emergency.Policy.ToString(), $"by {emergency.OpenedBy} until {emergency.Expires:yyyy-MM-dd HH:mm:ss}Z: {emergency.Reason}"));
            }
        }
    }

    /// <summary>What the ports that the host reported say, held against the documents: a few look-ups for each port.</summary>
    public static IEnumerable<AlarmCause> OfPorts(HostStatus status, State state)
    {
        foreach (var (bridge, port) in status.Ports?.Bridges.SelectMany(b => b.Ports.Select(p => (b.Bridge, p))) ?? [])
        {
            foreach (var cause in AttachedPort.Of(bridge, port, state, status.Host).Causes)
            {
                yield return cause;
            }
        }

        if (status.Ports is not null && status.UnboundPorts.Count > 0)
        {
            var named = status.UnboundPorts.Take(MaxNamedPorts).Select(name => PortName.TryParse(name, out var port) && state.InterfaceAt(status.Host, port) is { } placed ? $"{name} of {placed}" : name);
            var more = status.UnboundPorts.Count - MaxNamedPorts;
            yield return new(AlarmKind.PortsUnbound, "", $"the switch does not have {string.Join(", ", named)}{(more > 0 ? $" and {more} ports more" : "")}");
        }
    }
}
