namespace Osc.Agent.Traffic;

/// <summary>Which revision was being put in force when. It is written by the agent's loop and read by the one that counts.</summary>
/// <param name="first">The revision of whatever is there already; 0 for none.</param>
internal sealed class RevisionTimes(long first)
{
    private const int MostKept = 256;

    private readonly Lock gate = new();
    private readonly List<(TimeSpan Begin, long Revision)> begun = [(TimeSpan.Zero, first)];

    /// <summary>From now on flows are those of a revision.</summary>
    /// <param name="at">By the machine's clock since its start.</param>
    public void Begin(long revision, TimeSpan at)
    {
        lock (gate)
        {
            if (begun.Count == MostKept)
            {
                begun.RemoveAt(0);
            }

            begun.Add((at, revision));
        }
    }

    /// <summary>The revision that brought a flow which was put in at a time; the oldest that is known for one from before.</summary>
    public long At(TimeSpan created)
    {
        lock (gate)
        {
            var last = begun.Count - 1;
            while (last > 0 && begun[last].Begin > created)
            {
                last--;
            }

            return begun[last].Revision;
        }
    }
}
