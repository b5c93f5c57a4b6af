using Spectre.Console;

namespace Osc.Cli.Terminal;

/// <summary>A table for people: aligned by spaces, without frames, coloured only where the terminal shows colours.</summary>
internal sealed class Table(params string[] columns)
{
    private const string Gap = "  ";

    private readonly List<Cell[]> rows = [];

    public Table Row(params Cell[] cells)
    {
        rows.Add(cells);
        return this;
    }

    public void Print(Shell shell)
    {
        if (rows.Count == 0)
        {
            shell.Line("none");
            return;
        }

        var header = columns.Select(c => new Cell(c.ToUpperInvariant(), "bold")).ToArray();
        var widths = columns.Select((_, i) => rows.Append(header).Max(r => r[i].Text.Length)).ToArray();
        foreach (var row in rows.Prepend(header))
        {
            var cells = row.Select((cell, i) => i == row.Length - 1 ? cell.Markup("") : cell.Markup(new string(' ', widths[i] - cell.Text.Length)));
            shell.Markup(string.Join(Gap, cells).TrimEnd());
        }
    }
}

/// <summary>A text, and the style that it has on a terminal.</summary>
internal readonly record struct Cell(string Text, string? Style)
{
    public static implicit operator Cell(string? text) => new(text ?? "", null);

    public static implicit operator Cell(long number) => new(number.ToString(System.Globalization.CultureInfo.InvariantCulture), null);

    /// <summary>A word that says how things stand, green, yellow or red.</summary>
    public static Cell State(string word) => new(word, word switch
    {
        "allow" or "acked" or "enforcing" or "ok" or "created" => "green",
        "drop" or "reject" or "refused" or "deleted" or "offline" or "failed" or "degraded" or "silent" or "critical" => "red",
        "pending" or "sent" or "updated" or "syncing" or "connecting" or "warning" => "yellow",
        _ => null,
    });

    public string Markup(string padding) => (Style is null ? Text.EscapeMarkup() : $"[{Style}]{Text.EscapeMarkup()}[/]") + padding;
}
