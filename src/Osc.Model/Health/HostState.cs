namespace Osc.Model.Health;

/// <summary>How a host stands, in one word. <see cref="HostHealth"/> says which one it is.</summary>
public enum HostState
{
    /// <summary>No agent of the host was ever heard.</summary>
    Unknown,

    /// <summary>The agent is not heard any more. What its switch last confirmed is believed to be in force.</summary>
    Silent,

    /// <summary>The agent or its switch is not heard yet: one of them, or the controller, has just started.</summary>
    Connecting,

    /// <summary>Something is wrong, and a critical alarm says what. What the switch last confirmed stays in force where it can.</summary>
    Degraded,

    /// <summary>The flows that the host should have are on their way.</summary>
    Syncing,

    /// <summary>The switch confirmed by a barrier that it has what it should have, and nothing is wrong with it.</summary>
    Enforcing,
}
