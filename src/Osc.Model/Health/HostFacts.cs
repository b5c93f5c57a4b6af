namespace Osc.Model.Health;

/// <summary>What is known now of a host's health; each fact by itself. An agent knows them of itself, the controller of every host.</summary>
/// <param name="HasFault">Whether there is a critical fault besides what the other facts say.</param>
public readonly record struct HostFacts(AgentContact Agent, SwitchContact Switch, FlowProgress Flows, bool HasFault);

/// <summary>Whether the agent is heard. Of itself it always is.</summary>
public enum AgentContact
{
    /// <summary>It was never heard.</summary>
    Never,

    /// <summary>It was heard by an earlier run of the controller, and there was no time yet to hear it again.</summary>
    Awaited,

    Heard,

    /// <summary>It missed its heartbeats.</summary>
    Lost,
}

/// <summary>Whether the agent has its switch.</summary>
public enum SwitchContact
{
    /// <summary>It has only just begun to look for it.</summary>
    Unseen,

    There,

    /// <summary>It is out of reach.</summary>
    Away,
}

/// <summary>Where the flows stand that the host should have.</summary>
public enum FlowProgress
{
    OnTheWay,

    /// <summary>The switch confirmed them by a barrier.</summary>
    InForce,

    /// <summary>The switch refuses them.</summary>
    Refused,
}
