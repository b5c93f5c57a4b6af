using Osc.Agent.Observe;
using Osc.Flows;
using Osc.Model;
using Osc.Switch.Reconcile;

namespace Osc.Agent.Apply;

/// <summary>What the enforcer knows of one bridge that it has or had flows for.</summary>
internal sealed class BridgeState(PortName name)
{
    public PortName Name { get; } = name;

    /// <summary>What it shall have; empty for a bridge that is no longer the host's.</summary>
    public FlowSet Desired { get; set; } = FlowSet.Empty;

    /// <summary>Whether the host's flows still speak of the bridge.</summary>
    public bool IsWanted { get; set; } = true;

    /// <summary>Who claims which port; null while the switch has no such bridge.</summary>
    public PortClaims? Claims { get; set; }

    /// <summary>Whether the switch confirmed <see cref="Desired"/> and nothing since makes that doubtful.</summary>
    public bool IsConfirmed { get; set; }

    /// <summary>The binding that the confirmed flows were written with.</summary>
    public PortBinding ConfirmedBinding { get; set; } = PortBinding.Empty;

    public ValueList<PortName> Unbound { get; set; } = [];

    /// <summary>Why the desired flows are not confirmed; null when they are, or when it was not tried yet.</summary>
    public string? Problem { get; set; }

    /// <summary>Whether the switch refused the desired flows: to try the same again at once is of no use.</summary>
    public bool IsRefused { get; set; }
}
