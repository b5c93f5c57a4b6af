namespace Osc.Controller.Clocks;

/// <summary>
/// Time that goes on evenly, whatever is done to the machine's clock meanwhile: for what waits, retries and runs out. It begins as the machine's clock
/// stands, and differs from it by as much as that was set since. What is shown or stored is said by the machine's clock.
/// </summary>
public sealed class SteadyClock(TimeProvider time)
{
    private readonly DateTimeOffset origin = time.GetUtcNow();
    private readonly long start = time.GetTimestamp();

    public DateTimeOffset Now => origin + time.GetElapsedTime(start);

    /// <summary>What the machine's clock, as it stands now, says of a moment of this one.</summary>
    public DateTimeOffset ToWall(DateTimeOffset moment) => moment + Ahead;

    /// <summary>When it was by this clock that the machine's clock, as it stands now, showed a time.</summary>
    public DateTimeOffset FromWall(DateTimeOffset shown) => shown - Ahead;

    private TimeSpan Ahead => time.GetUtcNow() - Now;
}
