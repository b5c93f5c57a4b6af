using Osc.Model;

namespace Osc.Policy.Compile;

/// <summary>
/// What Identify says of the ranges of one vrf, those that no workload has: of a range, what its own class is, less the longer
/// ranges inside it.
/// </summary>
internal sealed class RangeIdentities
{
    public static readonly RangeIdentities None = Of([]);

    private readonly (Prefix Prefix, Identity Identity)[] ranges;
    private readonly int[] around;

    private RangeIdentities((Prefix Prefix, Identity Identity)[] ranges)
    {
        this.ranges = ranges;
        around = new int[ranges.Length];
        var open = new Stack<int>();
        for (var i = 0; i < ranges.Length; i++)
        {
            while (open.TryPeek(out var outer) && !LiesIn(ranges[i].Prefix, ranges[outer].Prefix))
            {
                open.Pop();
            }

            around[i] = open.TryPeek(out var enclosing) ? enclosing : -1;
            open.Push(i);
        }

        Flows = Fewest();
    }

    /// <summary>The fewest ranges that say the same, in address order.</summary>
    public IReadOnlyList<(Prefix Prefix, Identity Identity)> Flows { get; }

    public static RangeIdentities Of(IEnumerable<(Prefix Prefix, Identity Identity)> ranges) => new([.. ranges.OrderBy(r => r.Prefix)]);

    /// <summary>What is said of an address that no range of its own has.</summary>
    public Identity Around(Prefix address)
    {
        var low = 0;
        var high = ranges.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ranges[middle].Prefix.CompareTo(address) <= 0 ? (middle + 1, high) : (low, middle);
        }

        // The last range that begins no later lies around the address, or something around that range does, or nothing does.
        var i = low - 1;
        while (i >= 0 && !LiesIn(address, ranges[i].Prefix))
        {
            i = around[i];
        }

        return i < 0 ? Identity.Nobody : ranges[i].Identity;
    }

    private List<(Prefix Prefix, Identity Identity)> Fewest()
    {
        var answers = new Dictionary<Prefix, Identity>();
        foreach (var (i, (prefix, identity)) in ranges.Index())
        {
            if (identity != (around[i] < 0 ? Identity.Nobody : ranges[around[i]].Identity))
            {
                answers.Add(prefix, identity);
            }
        }

        // Longest first, so that what was merged can merge again.
        var waiting = new PriorityQueue<Prefix, int>(answers.Keys.Select(p => (p, -p.BitLength)));
        while (waiting.TryDequeue(out var half, out _))
        {
            if (PrefixUnion.ParentOf(half) is { } whole
                && answers.TryGetValue(half, out var answer)
                && answers.TryGetValue(OtherHalf(half), out var other)
                && answer == other)
            {
                answers.Remove(half);
                answers.Remove(OtherHalf(half));
                answers[whole] = answer;
                waiting.Enqueue(whole, -whole.BitLength);
            }
        }

        // A range that was merged may now say what the one around it says.
        var fewest = new List<(Prefix Prefix, Identity Identity)>();
        var open = new Stack<(Prefix Prefix, Identity Identity)>();
        foreach (var range in answers.OrderBy(a => a.Key).Select(a => (Prefix: a.Key, Identity: a.Value)))
        {
            while (open.TryPeek(out var outer) && !LiesIn(range.Prefix, outer.Prefix))
            {
                open.Pop();
            }

            if (range.Identity != (open.TryPeek(out var enclosing) ? enclosing.Identity : Identity.Nobody))
            {
                fewest.Add(range);
                open.Push(range);
            }
        }

        return fewest;
    }

    private static Prefix OtherHalf(Prefix half) =>
        Prefix.Of(IpAddress.FromBits(half.Network.Bits ^ (UInt128.One << (128 - half.BitLength))), half.Length);

    /// <summary>As the switch sees it: in the 128-bit space, where short IPv6 prefixes do enclose IPv4.</summary>
    private static bool LiesIn(Prefix inner, Prefix outer) =>
        inner.BitLength >= outer.BitLength && (inner.Network.Bits & outer.Mask) == outer.Network.Bits;
}
