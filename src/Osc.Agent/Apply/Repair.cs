using Osc.Bus;
using Osc.Switch.Reconcile;

namespace Osc.Agent.Apply;

/// <summary>A bridge's flows were not as they had been left, and are again.</summary>
/// <param name="Cause">What had it looked at.</param>
/// <param name="Outcome">Applied, with at least one change.</param>
public sealed record Repair(DriftCause Cause, ReconcileOutcome Outcome);
