using Osc.Switch.Reconcile;

namespace Osc.Switch;

/// <summary>How much at once.</summary>
/// <param name="ChangesOfBundle">The largest change that goes in one bundle.</param>
/// <param name="RejectedPerSecond">How many packets of rejected connections a bridge hands to the agent in a second, and how many at once. The others are dropped in the datapath.</param>
public sealed record SwitchLimits(int ChangesOfBundle, uint RejectedPerSecond)
{
    public static readonly SwitchLimits Default = new(FlowSender.DefaultMaxChanges, 1_000);
}
