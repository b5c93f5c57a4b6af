using Osc.Switch.Reconcile;

namespace Osc.Switch;

/// <summary>How much at once.</summary>
/// <param name="ChangesOfBundle">The largest change that goes in one bundle.</param>
/// <param name="RejectedPerSecond">How many packets of rejected connections a bridge hands to the agent in a second, and how many at once. The others are dropped in the datapath.</param>
/// <param name="LoggedPerSecond">How many packets of each rule that logs, likewise; the packets themselves go on whether or not they are logged.</param>
public sealed record SwitchLimits(int ChangesOfBundle, uint RejectedPerSecond, uint LoggedPerSecond)
{
    public static readonly SwitchLimits Default = new(FlowSender.DefaultMaxChanges, 1_000, 100);
}
