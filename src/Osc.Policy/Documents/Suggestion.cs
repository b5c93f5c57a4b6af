namespace Osc.Policy.Documents;

/// <summary>Finds what a misspelt word was meant to be.</summary>
internal static class Suggestion
{
    /// <summary>Beyond this many candidates a whole comparison costs more than a suggestion is worth.</summary>
    public const int MaxCandidates = 10_000;

    /// <summary>", did you mean 'tier'?" where one candidate is near enough, else nothing.</summary>
    public static string For(string word, IEnumerable<string> candidates)
    {
        var bound = Math.Min(3, word.Length / 3);
        var best = candidates
            .Take(MaxCandidates)
            .Where(c => Math.Abs(c.Length - word.Length) <= bound)
            .Select(c => (Candidate: c, Distance: Distance(word, c)))
            .Where(c => c.Distance <= bound)
            .OrderBy(c => c.Distance)
            .ThenBy(c => c.Candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        return best.Candidate is { } found ? $", did you mean '{found}'?" : "";
    }

    /// <summary>Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours; letters' case counts nothing.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Cheapest(rows, a, b, (i, j));
            }
        }

        return rows[a.Length, b.Length];
    }

    private static int Cheapest(int[,] rows, string a, string b, (int I, int J) at)
    {
        var (i, j) = at;
        var change = Same(a[i - 1], b[j - 1]) ? 0 : 1;
        var cheapest = Math.Min(rows[i - 1, j - 1] + change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
        var swapped = i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]);
        return swapped ? Math.Min(cheapest, rows[i - 2, j - 2] + 1) : cheapest;
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
