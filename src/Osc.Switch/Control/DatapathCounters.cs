using System.Collections.Immutable;
using System.Globalization;

namespace Osc.Switch.Control;

/// <summary>What a datapath counted since it was made (dpctl(8), show).</summary>
/// <param name="Name">"netdev@ovs-netdev", "system@ovs-system".</param>
/// <param name="Hit">Packets for which it had a flow.</param>
/// <param name="Missed">Packets for which it had none and asked ovs-vswitchd: upcalls.</param>
/// <param name="Lost">Those of them that never reached ovs-vswitchd and were dropped.</param>
public sealed record DatapathCounters(string Name, long Hit, long Missed, long Lost)
{
    private const string Lookups = "lookups:";

    /// <summary>
    /// Reads what the command dpctl/show prints; what else it prints is passed over:
    /// <code>
    /// netdev@ovs-netdev:
    ///   lookups: hit:17 missed:4 lost:0
    ///   flows: 2
    /// </code>
    /// A datapath whose look-ups are missing, or are no numbers, is left out.
    /// </summary>
    public static ImmutableArray<DatapathCounters> Parse(string text)
    {
        var found = ImmutableArray.CreateBuilder<DatapathCounters>();
        string? name = null;
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words is [var head] && head.EndsWith(':') && !line.StartsWith(' '))
            {
                name = head[..^1];
            }
            else if (name is not null && words is [Lookups, var hit, var missed, var lost]
                && Number(hit, "hit:") is { } hits && Number(missed, "missed:") is { } misses && Number(lost, "lost:") is { } losses)
            {
                found.Add(new(name, hits, misses, losses));
            }
        }

        return found.ToImmutable();
    }

    private static long? Number(string word, string label) =>
        word.StartsWith(label, StringComparison.Ordinal) && long.TryParse(word.AsSpan(label.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
