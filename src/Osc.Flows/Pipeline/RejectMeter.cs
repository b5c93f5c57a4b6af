namespace Osc.Flows.Pipeline;

/// <summary>The meter that the packets of rejected connections pass on their way to the agent; each bridge has one.</summary>
public static class RejectMeter
{
    /// <summary>The same prefix as the cookies', so that an operator sees whose it is.</summary>
    public const uint Id = 0x05c0;
}
