using Osc.Flows;

namespace Osc.Bus.Updates;

/// <summary>Flow text to flows, with errors as values.</summary>
public static class FlowLines
{
    /// <summary>Reads lines into <paramref name="into"/>.</summary>
    /// <returns>null, or which line is no flow and why.</returns>
    public static string? Parse(IReadOnlyList<string> lines, List<Flow> into)
    {
        into.EnsureCapacity(into.Count + lines.Count);
        foreach (var line in lines)
        {
            try
            {
                into.Add(FlowTextParser.Parse(line));
            }
            catch (FormatException e)
            {
                return $"{e.Message}, in the flow '{(line.Length <= 200 ? line : line[..200] + "...")}'";
            }
        }

        return null;
    }

    /// <returns>null, or which two flows have one key; <paramref name="set"/> is then empty.</returns>
    public static string? ToSet(IReadOnlyList<Flow> flows, out FlowSet set)
    {
        try
        {
            set = FlowSet.Of(flows);
            return null;
        }
        catch (ArgumentException e)
        {
            set = FlowSet.Empty;
            return e.Message;
        }
    }
}
