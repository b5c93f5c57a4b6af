using Osc.Model;

namespace Osc.Switch.Traffic;

/// <summary>
/// What packets meet on one host's Open vSwitch. It has connections of its own, so that nothing here waits for changes of flows,
/// or they for it.
/// </summary>
public interface ITrafficSource
{
    /// <summary>Raised for the head of each packet that a rule logs and its meter lets pass. Handlers return at once.</summary>
    event Action<PacketIn>? PacketLogged;

    /// <summary>Raised for the last counts of each flow of a rule that is removed. Handlers return at once.</summary>
    event Action<FlowCount>? FlowRemoved;

    /// <summary>
    /// Reads the counts of a bridge's flows that decide for rules, and connects to the bridge if need be. Open vSwitch gathers them from its
    /// datapath twice a second, so they may be that much behind the packets.
    /// </summary>
    /// <returns>null: the bridge is out of reach, and nothing is raised for it.</returns>
    Task<IReadOnlyList<FlowCount>?> CountRulesAsync(PortName bridge, CancellationToken cancellation);

    /// <summary>The same of the flows that end a packet's way where no rule does: the spoof guard's, the tenants' defaults, and the like.</summary>
    Task<IReadOnlyList<FlowCount>?> CountDropsAsync(PortName bridge, CancellationToken cancellation);
}
