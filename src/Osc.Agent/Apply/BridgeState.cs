using Osc.Agent.Observe;
using Osc.Bus;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;

namespace Osc.Agent.Apply;

/// <summary>What the enforcer knows of one bridge that it has or had flows for.</summary>
internal sealed class BridgeState(PortName name)
{
    public PortName Name { get; } = name;

    /// <summary>What it shall have; empty for a bridge that is no longer the host's.</summary>
    public FlowSet Desired { get; private set; } = FlowSet.Empty;

    /// <summary>The ports that lead to appliances and back, in name order.</summary>
    public ValueList<PortName> Hops { get; private set; } = [];

    /// <summary>Whether the host's flows still speak of the bridge.</summary>
    public bool IsWanted { get; set; } = true;

    /// <summary>Who claims which port; null while the switch has no such bridge.</summary>
    public PortClaims? Claims { get; set; }

    /// <summary>Whether the switch confirmed <see cref="Desired"/> and nothing since makes that doubtful.</summary>
    public bool IsConfirmed { get; set; }

    /// <summary>What makes doubtful whether flows that were confirmed are still there; null where none were, or others are wanted now.</summary>
    public DriftCause? Doubted { get; set; }

    /// <summary>Others' flows that come before ours, as the last comparison showed.</summary>
    public FlowsAhead? Ahead { get; set; }

    /// <summary>The bridge as the switch's database last had it; null while it has no such bridge.</summary>
    public SwitchBridge? Seen { get; set; }

    /// <summary>The binding that the confirmed flows were written with.</summary>
    public PortBinding ConfirmedBinding { get; set; } = PortBinding.Empty;

    public ValueList<PortName> Unbound { get; set; } = [];

    /// <summary>Why the desired flows are not confirmed; null when they are, or when it was not tried yet.</summary>
    public string? Problem { get; set; }

    /// <summary>Whether the switch refused the desired flows: to try the same again at once is of no use.</summary>
    public bool IsRefused { get; set; }

    /// <summary>Takes over what the bridge shall have. What it differs in from other flows than it was given is nobody's doing.</summary>
    public void Desire(FlowSet flows)
    {
        Doubted = Doubted is not null && Desired.Digest == flows.Digest ? Doubted : null;
        Desired = flows;
        Hops = flows.SelectMany(f => f.Table == PipelineTable.Hop.Id ? f.Actions.OfType<BundleLoad>().Select(a => a.Port) : []).Distinct().Order().ToValueList();
    }

    /// <summary>Nothing says any longer that the bridge has what was confirmed.</summary>
    public void Doubt(DriftCause cause)
    {
        Doubted = IsConfirmed ? cause : Doubted;
        IsConfirmed = false;
    }
}
