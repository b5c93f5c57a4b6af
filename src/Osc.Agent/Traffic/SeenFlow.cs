using Osc.Model;
using Osc.Switch.Traffic;

namespace Osc.Agent.Traffic;

/// <summary>What makes two readings readings of one flow, unless it was put in anew between them.</summary>
internal readonly record struct FlowId(PortName Bridge, UInt128 Flow, ulong Cookie)
{
    public static FlowId Of(FlowCount count) => new(count.Bridge, count.Flow, count.Cookie.Value);
}

/// <summary>The last reading of a flow.</summary>
/// <param name="Age">How long it had been in the switch.</param>
/// <param name="At">When it was read at the latest, by the machine's clock since its start.</param>
/// <param name="Revision">The one that brought it.</param>
/// <param name="GoneAt">When the switch said that it is removed; null while it did not.</param>
internal readonly record struct SeenFlow(TimeSpan Age, TimeSpan At, ulong Packets, ulong Bytes, long Revision, TimeSpan? GoneAt = null);

/// <summary>Whose hits are added up together.</summary>
/// <param name="Table">Which tells the side of a rule.</param>
/// <param name="Rule">null: no rule's; packets that end in the table.</param>
/// <param name="Revision">One at which the number was the rule's; 0 where there is no rule.</param>
internal readonly record struct HitKey(byte Table, uint? Rule, long Revision, bool IsLogged);

/// <summary>Packets, and their bytes.</summary>
internal readonly record struct Hits(ulong Packets, ulong Bytes)
{
    public static Hits operator +(Hits left, Hits right) => new(left.Packets + right.Packets, left.Bytes + right.Bytes);
}
