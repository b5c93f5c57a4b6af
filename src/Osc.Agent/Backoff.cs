namespace Osc.Agent;

/// <summary>Delays that double from attempt to attempt, up to a longest.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private int attempts;

    public TimeSpan Next()
    {
        var delay = first * Math.Pow(2, Math.Min(attempts++, 30));
        return delay < longest ? delay : longest;
    }

    public void Reset() => attempts = 0;
}
