using Osc.Store;

namespace Osc.Controller.Delivery;

/// <summary>
/// Writes to the store that nobody waits for and that shall not be lost: what the store does not take, on a full disk, is tried again before the next, so that they stay in order. For one thread.
/// </summary>
/// <param name="failed">Is told each time that the store does not take one.</param>
public sealed class PendingWrites(Action<StoreException> failed)
{
    /// <summary>So many wait; beyond that the oldest are given up.</summary>
    public const int MaxWaiting = 10_000;

    private readonly Queue<Action> waiting = new();

    /// <summary>Writes all that waits, and then this.</summary>
    public void Write(Action write)
    {
        if (waiting.Count == MaxWaiting)
        {
            waiting.Dequeue();
        }

        waiting.Enqueue(write);
        Flush();
    }

    /// <summary>Writes what waits, as far as the store takes it.</summary>
    /// <returns>Whether nothing waits any more.</returns>
    public bool Flush()
    {
        try
        {
            while (waiting.TryPeek(out var next))
            {
                next();
                waiting.Dequeue();
            }

            return true;
        }
        catch (StoreException e)
        {
            failed(e);
            return false;
        }
    }
}
