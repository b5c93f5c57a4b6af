using Osc.Bus;
using Osc.Model;

namespace Osc.Controller.Delivery;

/// <summary>Where a host stands between what it should have and what it has.</summary>
public enum HostState
{
    /// <summary>Its agent never said hello.</summary>
    Unknown,

    /// <summary>Its agent has been heard, and it should have other flows than it has.</summary>
    Pending,

    /// <summary>An update is on its way.</summary>
    Sent,

    /// <summary>The switch confirmed the desired flows.</summary>
    Enforcing,

    /// <summary>The switch refused the desired flows; those of the acked revision are in force.</summary>
    Refused,

    /// <summary>Its agent has not been heard for a while; the acked revision is believed to be in force.</summary>
    Silent,
}

/// <summary>All that is known about a host's delivery at one moment.</summary>
/// <param name="Desired">The revision that last changed the host's flows; none if the host has no document.</param>
/// <param name="Acked">The revision whose flows the switch was last confirmed to have.</param>
/// <param name="Flows">How many flows the host should have.</param>
/// <param name="Digest">The digest of the flows that the host should have.</param>
public sealed record HostStatus(Name Host, HostState State, Revision Desired, Revision Acked, int Flows, string Digest)
{
    public string? AgentVersion { get; init; }

    public string? SwitchVersion { get; init; }

    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Ports by bridge, as the agent last reported them.</summary>
    public PortReport? Ports { get; init; }

    /// <summary>Ports that flows name and the switch does not have.</summary>
    public IReadOnlyList<string> UnboundPorts { get; init; } = [];

    /// <summary>What a person should look at on the host.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Why the host is not enforcing; empty if it is.</summary>
    public string Error { get; init; } = "";
}
