using Osc.Model;

namespace Osc.Switch;

/// <summary>Whose a flow is, by its cookie.</summary>
public enum FlowOwner
{
    /// <summary>It bears Osc's cookie.</summary>
    Osc,

    /// <summary>It is somebody else's.</summary>
    Other,
}

/// <summary>Somebody else than the agent changed a bridge's flows.</summary>
/// <param name="Owner">
/// Osc: flows of ours were changed or removed, or flows came that pass for ours, or the switch could not say. Other: flows of others,
/// one of which may have come into the place of one of ours.
/// </param>
public readonly record struct FlowsTouched(PortName Bridge, FlowOwner Owner);
