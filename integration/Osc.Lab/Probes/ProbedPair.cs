using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>A connection that is tried all the time.</summary>
/// <param name="Connection">UDP.</param>
/// <param name="IsPermitted">Whether its packets should arrive.</param>
public sealed record ProbedPair(Station From, Station To, Connection Connection, bool IsPermitted);

/// <summary>What became of a pair's packets in a span of time.</summary>
public sealed record PairReport(ProbedPair Pair, int Sent, int Arrived);

/// <summary>What became of the packets of all pairs in a span of time.</summary>
/// <param name="LongestSilence">The longest time in which no packet of any permitted pair arrived.</param>
public sealed record StreamsReport(IReadOnlyList<PairReport> Pairs, TimeSpan LongestSilence)
{
    public int Permitted => Pairs.Where(p => p.Pair.IsPermitted).Sum(p => p.Sent);

    /// <summary>Packets of permitted pairs that did not arrive.</summary>
    public int Lost => Pairs.Where(p => p.Pair.IsPermitted).Sum(p => p.Sent - p.Arrived);

    public int Forbidden => Pairs.Where(p => !p.Pair.IsPermitted).Sum(p => p.Sent);

    /// <summary>Packets of forbidden pairs that arrived.</summary>
    public int Passed => Pairs.Where(p => !p.Pair.IsPermitted).Sum(p => p.Arrived);

    public override string ToString() => $"{Lost} of {Permitted} permitted packets lost, {Passed} of {Forbidden} forbidden packets passed, longest silence {LongestSilence.TotalMilliseconds:F0} ms";
}
