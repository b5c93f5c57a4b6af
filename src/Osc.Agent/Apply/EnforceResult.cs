using Osc.Model;
using Osc.Switch.Reconcile;

namespace Osc.Agent.Apply;

/// <summary>What became of new desired flows.</summary>
public abstract record EnforceResult
{
    /// <summary>They are on the disk, and the switch confirmed them by a barrier on every bridge.</summary>
    public sealed record InForce : EnforceResult;

    /// <summary>The switch cannot have them; what was desired before is desired again.</summary>
    public sealed record Refused(string Detail, ValueList<BridgeRefusal> Flows) : EnforceResult;

    /// <summary>They are on the disk and will be in force when the switch can be reached.</summary>
    public sealed record Waiting(string Detail) : EnforceResult;

    /// <summary>The disk does not take them; what was desired before still is.</summary>
    public sealed record NotKept(string Detail) : EnforceResult;
}

/// <summary>A flow that a bridge cannot have.</summary>
public sealed record BridgeRefusal(PortName Bridge, FlowRefusal Refusal);
