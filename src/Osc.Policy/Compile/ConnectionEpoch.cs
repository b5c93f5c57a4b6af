using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Policy.Compile;

/// <summary>Open connections, by what their ct_label says.</summary>
public readonly record struct LabelMatch(UInt128 Value, UInt128 Mask)
{
    public static LabelMatch Of(Osc.Flows.Subfield part, UInt128 value) => Of(part, value, ((UInt128)1 << part.Bits) - 1);

    /// <param name="mask">Bits of the part that count.</param>
    public static LabelMatch Of(Osc.Flows.Subfield part, UInt128 value, UInt128 mask) => new((value & mask) << part.Offset, mask << part.Offset);

    /// <summary>What both say.</summary>
    public LabelMatch And(LabelMatch other) => new(Value | other.Value, Mask | other.Mask);
}

/// <summary>Connections of an epoch that are decided anew unless they were decided at this step or later.</summary>
public readonly record struct Revisit(LabelMatch Connections, int Step);

/// <summary>
/// Which open connections go on unasked: those of the present epoch, but for some that changes since its beginning may concern.
/// State of its own, as all numbers that flows carry.
/// </summary>
/// <param name="Number">1 to <see cref="ConnectionMark.MaxEpoch"/>.</param>
/// <param name="Step">How many changes since the epoch began could concern some open connection.</param>
/// <param name="Revisits">Which, in order, each once.</param>
public sealed record ConnectionEpoch(int Number, int Step, ValueList<Revisit> Revisits)
{
    /// <summary>With more, all connections are decided anew: each costs the switch some flows, and a look at new connections.</summary>
    public const int MaxRevisits = 64;

    public static readonly ConnectionEpoch First = new(1, 0, []);

    /// <summary>The mark of connections that are decided now.</summary>
    public uint Mark => ConnectionMark.Of(Number, Step);

    /// <summary>Every open connection is decided anew.</summary>
    public ConnectionEpoch Next() => new((Number % ConnectionMark.MaxEpoch) + 1, 0, []);

    /// <summary>Some open connections are decided anew; all, where telling them apart is no longer worth it.</summary>
    public ConnectionEpoch Revisit(IEnumerable<LabelMatch> connections)
    {
        var again = connections.ToHashSet();
        var step = Step + 1;
        Revisit[] revisits = [.. Revisits.Where(r => !again.Contains(r.Connections)), .. again.OrderBy(c => c.Mask).ThenBy(c => c.Value).Select(c => new Revisit(c, step))];
        return step > ConnectionMark.MaxStep || revisits.Length > MaxRevisits ? Next() : new(Number, step, revisits.ToValueList());
    }
}
