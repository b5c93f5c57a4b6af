using System.Globalization;
using System.Text;
using Osc.Lab.Probes;
using Osc.Model;

namespace Osc.Demo;

/// <summary>
/// Trials as a table: a row for each pair of workloads, a column for each service. A letter stands for what was expected and
/// observed alike, two letters for IPv4 and IPv6 where they differ, and expected/observed where the network disagreed.
/// </summary>
internal static class MatrixTable
{
    public const string Legend = "A allowed and answered, R rejected and told so, . dropped; A. is IPv4 and IPv6 where they differ, A/. expected/observed where they disagree";

    public static string Print(IReadOnlyList<Trial> trials)
    {
        var services = trials.Select(t => t.Service).Distinct().Order().ToArray();
        var pairs = trials.GroupBy(t => $"{t.From.Name} -> {t.To.Name}").ToArray();
        var rows = pairs.Select(p => (Pair: p.Key, Cells: services.Select(s => Cell([.. p.Where(t => t.Service == s)])).ToArray())).ToArray();
        var widths = services.Select((s, i) => rows.Select(r => r.Cells[i].Length).Append(Port(s).Length).Append(Protocol(s).Length).Max()).ToArray();
        var indent = rows.Max(r => r.Pair.Length);

        var text = new StringBuilder();
        AppendRow(text, "", indent, services.Select(Protocol), widths);
        AppendRow(text, "", indent, services.Select(Port), widths);
        foreach (var (pair, cells) in rows)
        {
            AppendRow(text, pair, indent, cells, widths);
        }

        return text.ToString();
    }

    /// <summary>"540 connections tried: 123 allowed and answered, ..." and how many disagree.</summary>
    public static string Sum(IReadOnlyList<Trial> trials)
    {
        int Count(Verdict verdict) => trials.Count(t => t.Agrees && t.Expected.Verdict == verdict);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{trials.Count} connections tried: {Count(Verdict.Allow)} allowed and answered, {Count(Verdict.Reject)} rejected, {Count(Verdict.Drop)} dropped, {trials.Count(t => !t.Agrees)} disagree");
    }

    private static string Protocol(ProbedService service) => service.ToString().Split('/')[0];

    private static string Port(ProbedService service) => service.ToString().Split('/').ElementAtOrDefault(1) ?? "";

    private static string Cell(IReadOnlyList<Trial> trials)
    {
        var letters = trials.OrderBy(t => t.Connection.Source.Family).Select(Letter).ToArray();
        return letters.Distinct().Count() == 1 ? letters[0] : string.Concat(letters);
    }

    private static string Letter(Trial trial) => trial.Agrees ? Letter(trial.Expected.Verdict) : $"{Letter(trial.Expected.Verdict)}/{Letter(trial.Observed)}";

    private static string Letter(Verdict verdict) => verdict switch
    {
        Verdict.Allow => "A",
        Verdict.Reject => "R",
        _ => ".",
    };

    private static string Letter(Observed observed) => observed switch
    {
        Observed.Answered => "A",
        Observed.Refused => "R",
        Observed.Arrived => "a",
        _ => ".",
    };

    private static void AppendRow(StringBuilder text, string label, int indent, IEnumerable<string> cells, int[] widths)
    {
        text.Append(label.PadRight(indent));
        foreach (var (cell, width) in cells.Zip(widths))
        {
            text.Append("  ").Append(cell.PadLeft(width));
        }

        text.Append('\n');
    }
}
