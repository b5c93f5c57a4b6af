using Osc.Bus;

namespace Osc.Controller.Delivery;

/// <summary>How long delivery waits for what.</summary>
/// <param name="AckTimeout">From the sending of an update to the moment it counts as lost; each chunk of a snapshot adds <paramref name="ChunkTimeout"/>.</param>
/// <param name="RetryFirst">The pause before a refused or lost update is tried again; it doubles with every failure in a row.</param>
/// <param name="RetryMost">The longest pause between tries.</param>
/// <param name="Silence">An agent that said nothing for this long counts as silent, if it does not say how often it says hello.</param>
public sealed record DeliveryTimings(TimeSpan AckTimeout, TimeSpan ChunkTimeout, TimeSpan RetryFirst, TimeSpan RetryMost, TimeSpan Silence)
{
    /// <summary>An agent that missed this many counts as silent.</summary>
    public const int MissedHeartbeats = 3;

    public static readonly DeliveryTimings Default = new(
        AckTimeout: TimeSpan.FromSeconds(15),
        ChunkTimeout: TimeSpan.FromSeconds(1),
        RetryFirst: TimeSpan.FromSeconds(2),
        RetryMost: TimeSpan.FromMinutes(2),
        Silence: MissedHeartbeats * TimeSpan.FromSeconds(30));

    /// <summary>After how long without a word an agent counts as silent.</summary>
    public TimeSpan SilenceOf(AgentHealth? health) => health is null ? Silence : MissedHeartbeats * TimeSpan.FromSeconds(health.HeartbeatSeconds);

    /// <summary>The pause after the given number (from 1) of failures in a row.</summary>
    public TimeSpan RetryAfter(int failures)
    {
        var doublings = Math.Clamp(failures - 1, 0, 20);
        var pause = RetryFirst * Math.Pow(2, doublings);
        return pause < RetryMost ? pause : RetryMost;
    }
}
