using Osc.Model;
using Osc.Switch.Traffic;

namespace Osc.Switch.OpenFlow;

/// <summary>Reads what a switch says of a flow that it has just removed (OpenFlow 1.5.1 section 7.4.2, OFPT_FLOW_REMOVED).</summary>
internal static class RemovedFlow
{
    /// <summary>
    /// <code>
    ///  table:8 reason:8 priority:16 idle:16 hard:16 cookie:64  match  statistics
    /// </code>
    /// </summary>
    public static FlowCount Read(PortName bridge, ref WireReader message)
    {
        var table = message.Byte();
        message.Take(1);
        var priority = message.UInt16();
        message.Take(4);
        var cookie = message.UInt64();
        var match = FlowEntry.ReadMatch(ref message);
        return FlowCount.Of(bridge, table, priority, match, cookie, FlowStatistics.Read(ref message));
    }
}
