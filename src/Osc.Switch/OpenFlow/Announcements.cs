using Osc.Switch.Traffic;

namespace Osc.Switch.OpenFlow;

/// <summary>Who is called for what a switch says unasked, on the connection's reading thread: all return at once.</summary>
/// <param name="Packet">For each packet that a flow sends to the agent.</param>
/// <param name="Touched">When others changed flows; whose.</param>
/// <param name="Removed">For each flow that tells its last counts and was removed.</param>
internal sealed record Announcements(Action<PacketIn>? Packet = null, Action<FlowOwner>? Touched = null, Action<FlowCount>? Removed = null)
{
    public static readonly Announcements Unheard = new();
}
