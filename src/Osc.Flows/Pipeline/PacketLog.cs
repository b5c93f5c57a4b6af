namespace Osc.Flows.Pipeline;

/// <summary>How packets that rules log come to the agent: by a connection of their own, as many a rule as its meter lets pass.</summary>
public static class PacketLog
{
    /// <summary>What the logging connection calls itself; the same prefix as the cookies'.</summary>
    public const ushort ControllerId = 0x05c0;

    /// <summary>How much of a packet comes along: all headers that say whose connection it is.</summary>
    public const ushort HeadBytes = 128;

    private const uint FirstMeter = 0x10000;

    /// <summary>The meter of a rule, by the rule's number.</summary>
    public static uint MeterOf(uint rule) => FirstMeter + rule;

    /// <summary>Whether a meter is a rule's.</summary>
    public static bool IsMeter(uint meter) => meter is > FirstMeter and <= FirstMeter + int.MaxValue;
}
