using Osc.Model.Documents;

namespace Osc.Policy.Verify.Proof;

/// <summary>Pairs of classes, a source and a destination each.</summary>
internal sealed class ClassPairs(int classes)
{
    private readonly ulong[]?[] destinationsOf = new ulong[]?[classes];
    private readonly ulong[]?[] sourcesOf = new ulong[]?[classes];
    private readonly ulong[] anySource = new ulong[(classes + 63) / 64];
    private readonly ulong[] anyDestination = new ulong[(classes + 63) / 64];
    private readonly ulong[] all = ClassBits.Of(classes, _ => true);

    public bool IsEmpty { get; private set; } = true;

    /// <summary>Adds all pairs from some classes to others; null: every class.</summary>
    public void Add(ulong[]? sources, ulong[]? destinations)
    {
        if (ClassBits.IsEmpty(sources) || ClassBits.IsEmpty(destinations))
        {
            return;
        }

        IsEmpty = false;
        Unite(anySource, sources ?? all);
        Unite(anyDestination, destinations ?? all);
        Add(destinationsOf, sources ?? all, destinations ?? all);
        Add(sourcesOf, destinations ?? all, sources ?? all);
    }

    /// <summary>The far ends of the pairs that have a class at the end where a side is decided; null: there are none.</summary>
    public ulong[]? FarOf(Direction side, int near) => (side == Direction.Out ? destinationsOf : sourcesOf)[near];

    /// <summary>Whether one of the pairs is from some classes to others; null: every class.</summary>
    public bool Meet(ulong[]? sources, ulong[]? destinations)
    {
        if (sources is null || destinations is null)
        {
            return (sources is null || ClassBits.Overlap(sources, anySource)) && (destinations is null || ClassBits.Overlap(destinations, anyDestination)) && !IsEmpty;
        }

        foreach (var source in ClassBits.Members(sources))
        {
            if (destinationsOf[source] is { } row && ClassBits.Overlap(row, destinations))
            {
                return true;
            }
        }

        return false;
    }

    private static void Unite(ulong[] row, ulong[] members)
    {
        for (var word = 0; word < row.Length; word++)
        {
            row[word] |= members[word];
        }
    }

    private static void Add(ulong[]?[] rows, ulong[] keys, ulong[] members)
    {
        foreach (var key in ClassBits.Members(keys))
        {
            if (rows[key] is { } row)
            {
                Unite(row, members);
            }
            else
            {
                rows[key] = [.. members];
            }
        }
    }
}
