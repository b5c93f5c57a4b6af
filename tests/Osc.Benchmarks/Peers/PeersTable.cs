using System.Globalization;

namespace Osc.Benchmarks.Peers;

/// <summary>Figures of two products beside each other. Knows how many goals were missed.</summary>
internal sealed class PeersTable
{
    public PeersTable(string title)
    {
        Console.WriteLine();
        Console.WriteLine($"{title} [load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} on {Environment.ProcessorCount} cores]");
        Console.WriteLine($"  {"",-76} {"OVN",12} {"Osc",12} {"ratio",9}  goal");
    }

    public int Missed { get; private set; }

    /// <param name="goal">How many times OVN's figure Osc's shall be below, at least; null: nothing is asked.</param>
    /// <param name="most">What Osc's figure shall not pass, unless OVN's is above that itself; null: nothing is asked.</param>
    public void Row(string what, double ovn, double osc, double? goal = null, double? most = null)
    {
        var ratio = osc > 0 ? ovn / osc : double.PositiveInfinity;
        var isMissed = ratio < goal || osc > Math.Max(most ?? double.MaxValue, ovn);
        Missed += isMissed ? 1 : 0;
        var asked = goal is { } times ? string.Create(CultureInfo.InvariantCulture, $">= {times} times") : most is { } limit ? string.Create(CultureInfo.InvariantCulture, $"<= {limit}, or level") : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what,-76} {Text(ovn),12} {Text(osc),12} {ratio,9:0.00}  {asked}{(isMissed ? " !" : "")}"));
    }

    public static void Note(string text) => Console.WriteLine(text);

    private static string Text(double figure) => figure.ToString(figure >= 100 ? "N0" : "N1", CultureInfo.InvariantCulture);
}
