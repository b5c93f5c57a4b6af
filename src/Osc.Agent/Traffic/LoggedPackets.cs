using Osc.Bus;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Switch;

namespace Osc.Agent.Traffic;

/// <summary>Reads off a logged packet which connection it belongs to: the pipeline's registers and connection tracking say so.</summary>
internal static class LoggedPackets
{
    /// <param name="revision">What the agent holds.</param>
    /// <returns>null for what no tier of the pipeline can have logged.</returns>
    public static LoggedConnection? Read(PacketIn packet, DateTimeOffset time, long revision)
    {
        if (FlowCookie.Of(packet.Cookie).Rule is not { } rule || SideOf(packet.Table) is not { } side)
        {
            return null;
        }

        var service = (uint)ValueOf(Registers.Service);
        var protocol = (byte)(service >> 16);
        var isIPv4 = ValueOf(Field.CtIpv6Src) == 0 && ValueOf(Field.CtIpv6Dst) == 0;
        var source = isIPv4 ? IpAddress.FromIPv4((uint)ValueOf(Field.CtNwSrc)) : IpAddress.FromBits(ValueOf(Field.CtIpv6Src));
        var destination = isIPv4 ? IpAddress.FromIPv4((uint)ValueOf(Field.CtNwDst)) : IpAddress.FromBits(ValueOf(Field.CtIpv6Dst));
        var hasIcmpType = IpProtocol.HasIcmpType(protocol);
        var hasPorts = IpProtocol.HasPorts(protocol);
        return new(
            time,
            rule,
            revision,
            side,
            source.ToString(),
            destination.ToString(),
            protocol,
            hasPorts ? (ushort)ValueOf(Field.CtTpSrc) : null,
            hasPorts ? (ushort)service : null,
            hasIcmpType ? (byte)(service >> 8) : null,
            hasIcmpType ? (byte)service : null,
            packet.Length);

        UInt128 ValueOf(Field field) => packet.Fields.GetValueOrDefault(field);
    }

    /// <summary>The side that a table of the tiers decides; null for another table.</summary>
    public static TrafficSide? SideOf(byte table) => table switch
    {
        >= PipelineTable.OutTiers and < PipelineTable.OutTiers + PipelineTable.Tiers => TrafficSide.Out,
        >= PipelineTable.InTiers and < PipelineTable.InTiers + PipelineTable.Tiers => TrafficSide.In,
        _ => null,
    };
}
