using Osc.Flows;
using Osc.Model;
using Osc.Switch.OpenFlow;
using Osc.Switch.Reconcile;

namespace Osc.Switch.Traffic;

/// <summary>What a flow has met since it was put into the switch.</summary>
/// <param name="Flow">Tells the flows of a bridge apart: the same for the same table, priority and match, in every run of the agent.</param>
/// <param name="Age">How long it has been there, by the switch's clock. A change of its actions leaves age and counts as they are.</param>
public readonly record struct FlowCount(PortName Bridge, UInt128 Flow, byte Table, FlowCookie Cookie, TimeSpan Age, ulong Packets, ulong Bytes)
{
    internal static FlowCount Of(PortName bridge, byte table, ushort priority, ReadOnlySpan<byte> match, ulong cookie, FlowStatistics statistics)
    {
        var hash = new SipHash(0);
        hash.Add(((ulong)table << 16) | priority);
        hash.Add(match);
        return new(bridge, hash.Finish(), table, FlowCookie.Of(cookie), statistics.Age, statistics.Packets, statistics.Bytes);
    }
}
