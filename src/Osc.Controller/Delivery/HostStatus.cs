using Osc.Bus;
using Osc.Model;
using Osc.Model.Health;

namespace Osc.Controller.Delivery;

/// <summary>All that is known about a host's delivery at one moment.</summary>
/// <param name="Desired">The revision that last changed the host's flows; none if the host has no document.</param>
/// <param name="Acked">The revision whose flows the switch was last confirmed to have.</param>
/// <param name="Flows">How many flows the host should have.</param>
/// <param name="Digest">The digest of the flows that the host should have.</param>
public sealed record HostStatus(Name Host, HostState State, Revision Desired, Revision Acked, int Flows, string Digest)
{
    /// <summary>Since when it is in this state, as far as this controller has seen.</summary>
    public DateTimeOffset Since { get; init; }

    public AgentContact Contact { get; init; }

    /// <summary>The agent's last hello; null as long as this controller has not heard it.</summary>
    public Hello? Hello { get; init; }

    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Ports by bridge, as the agent last reported them.</summary>
    public PortReport? Ports { get; init; }

    /// <summary>Ports that flows name and the switch does not have.</summary>
    public IReadOnlyList<string> UnboundPorts { get; init; } = [];

    /// <summary>What a person should look at on the host.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Why the host is not enforcing; empty if it is.</summary>
    public string Error { get; init; } = "";

    /// <summary>Which flow of the newest flows its switch refused, and why; null if it did not.</summary>
    public string? Refusal { get; init; }

    /// <summary>Whether its agent said anything to this controller.</summary>
    public bool WasHeard => Hello is not null;

    /// <summary>What its agent last said is wrong.</summary>
    public IReadOnlyList<Fault> Faults => Hello?.Health?.Faults ?? [];
}
