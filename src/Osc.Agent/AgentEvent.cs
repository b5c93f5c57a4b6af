using Osc.Bus;
using Osc.Model;
using Osc.Switch.Control;
using Osc.Switch.Ovsdb;
using Osc.Xen.Vifs;

namespace Osc.Agent;

/// <summary>What the agent's loop reacts to, one after the other.</summary>
internal abstract record AgentEvent
{
    public sealed record BusConnected : AgentEvent;

    public sealed record BusDisconnected(string Reason) : AgentEvent;

    /// <param name="Done">Set when the message is dealt with: only then the next one is asked for.</param>
    public sealed record MessageCame(Decoded<ControllerMessage> Message, TaskCompletionSource Done) : AgentEvent;

    public sealed record SwitchSeen(SwitchInventory Inventory) : AgentEvent;

    public sealed record SwitchLost(string Reason) : AgentEvent;

    public sealed record BridgeLost(PortName Bridge) : AgentEvent;

    /// <summary>Somebody else changed flows of the bridge, and it is time to look.</summary>
    public sealed record FlowsTouched(PortName Bridge) : AgentEvent;

    public sealed record VifsSeen(VifInventory Inventory) : AgentEvent;

    public sealed record VifsLost(string Reason) : AgentEvent;

    public sealed record DatapathsRead(DatapathReading Reading) : AgentEvent;

    public sealed record HelloDue : AgentEvent;

    public sealed record ResyncDue : AgentEvent;

    public sealed record RetryDue : AgentEvent;
}
