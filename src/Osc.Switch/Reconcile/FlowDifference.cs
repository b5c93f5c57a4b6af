using System.Globalization;
using Osc.Flows;
using Osc.Model;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>How a flow differs from what is wanted.</summary>
public enum DifferenceKind
{
    /// <summary>It is wanted and not there.</summary>
    Missing,

    /// <summary>It is wanted, and another one is in its place.</summary>
    Changed,

    /// <summary>It bears our cookie and is not wanted.</summary>
    Unwanted,
}

/// <summary>A flow that a bridge lacks, has in another form, or has too much.</summary>
/// <param name="Wanted">The flow that should be there; null for one that should not.</param>
/// <param name="Found">The flow that is there, as far as it can be put in words; null where none is.</param>
public sealed record FlowDifference(DifferenceKind Kind, string? Wanted, string? Found);

/// <summary>Puts down the first differences of a comparison.</summary>
internal sealed class DifferenceNotes(PortBinding ports)
{
    /// <summary>Enough to see what happened; how many there are in all is counted besides.</summary>
    public const int MaxNotes = 20;

    private readonly List<FlowDifference> notes = [];
    private Dictionary<uint, PortName>? names;

    public bool AreFull => notes.Count >= MaxNotes;

    public ValueList<FlowDifference> All => notes.ToValueList();

    public void NoteMissing(Flow wanted) => Note(DifferenceKind.Missing, wanted.ToString(), null);

    public void NoteChanged(Flow wanted, in FlowEntry found)
    {
        if (!AreFull)
        {
            Note(DifferenceKind.Changed, wanted.ToString(), Print(found));
        }
    }

    public void NoteUnwanted(in FlowEntry found)
    {
        if (!AreFull)
        {
            Note(DifferenceKind.Unwanted, null, Print(found));
        }
    }

    private void Note(DifferenceKind kind, string? wanted, string? found)
    {
        if (!AreFull)
        {
            notes.Add(new(kind, wanted, found));
        }
    }

    private string Print(in FlowEntry entry) =>
        FlowDecoder.TryDecode(entry, NameOf, out var flow, out var error)
            ? entry.IsPlain ? flow.ToString() : $"{flow} (with a timeout, a flag or an importance)"
            : string.Create(CultureInfo.InvariantCulture, $"cookie=0x{entry.Cookie:x},table={entry.Table},priority={entry.Priority},... ({error})");

    private PortName? NameOf(uint number)
    {
        names ??= ports.Numbers.OrderBy(p => p.Key).GroupBy(p => p.Value, p => p.Key).ToDictionary(g => g.Key, g => g.First());
        return names.TryGetValue(number, out var name) ? name : null;
    }
}
