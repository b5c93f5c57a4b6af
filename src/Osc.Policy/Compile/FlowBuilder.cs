using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Policy.Compile;

/// <summary>Collects the flows of one bridge.</summary>
internal sealed class FlowBuilder
{
    private readonly List<Flow> flows = [];

    public void Add(PipelineTable table, int priority, Match match, FlowCookie cookie, params ReadOnlySpan<FlowAction> actions) =>
        flows.Add(new(table.Id, (ushort)priority, match, ValueList.Create(actions), cookie.Value));

    public void Add(IEnumerable<Flow> more) => flows.AddRange(more);

    public IReadOnlyList<Flow> Flows => flows;

    public FlowSet Build() => FlowSet.Of(flows);
}

/// <summary>Matches and actions that the pipeline's flows are made of.</summary>
internal static class Terms
{
    public const ushort IPv4 = 0x0800;
    public const ushort IPv6 = 0x86dd;
    public const ushort Arp = 0x0806;
    public const ushort VlanPresent = 0x1000;

    /// <summary>The bit that makes an Ethernet address one of many.</summary>
    public const ulong MacToMany = 1UL << 40;

    public static readonly FlowCookie PipelineCookie = new(FlowPurpose.Pipeline, 0);
    public static readonly FlowCookie PortCookie = new(FlowPurpose.Port, 0);
    public static readonly FlowCookie IdentityCookie = new(FlowPurpose.Identity, 0);
    public static readonly FlowCookie DefaultCookie = new(FlowPurpose.Default, 0);
    public static readonly FlowCookie ForwardCookie = new(FlowPurpose.Forward, 0);

    public static readonly Match Ip4 = Match.Any.With(Field.EthType, IPv4);
    public static readonly Match Ip6 = Match.Any.With(Field.EthType, IPv6);
    public static readonly Match ArpFrames = Match.Any.With(Field.EthType, Arp);

    /// <summary>Keeps for delivery in which direction a packet goes.</summary>
    public static readonly FlowAction RememberReply = new Move(Registers.ReplyState, Registers.ReplyFlag);

    public static GotoTable To(PipelineTable table) => new(table.Id);

    public static SetField Set(Field field, UInt128 value) => new(field, value);

    public static SetField Set(Field field, UInt128 value, UInt128 mask) => new(field, value, mask);

    /// <summary>As many of a field's low bits as there is room for.</summary>
    public static Move Copy(Field source, Subfield destination) => new(new(source, 0, destination.Bits), destination);

    public static Move Copy(Field source, Field destination) => Copy(source, Subfield.Whole(destination));

    public static Match Udp(this Match match, ushort source, ushort destination) =>
        match.With(Field.IpProto, IpProtocol.Udp).With(Field.UdpSrc, source).With(Field.UdpDst, destination);

    /// <summary>Neighbour discovery is only true with a hop limit of 255: the message was not forwarded (RFC 4861, 7.1).</summary>
    public static Match NeighbourDiscovery(this Match match, byte type) =>
        match.With(Field.EthType, IPv6).With(Field.IpProto, IpProtocol.IcmpV6).With(Field.IpTtl, 255).With(Field.Icmpv6Type, type).With(Field.Icmpv6Code, 0);

    /// <summary>IP packets from an address.</summary>
    public static Match From(this Match match, IpAddress address) =>
        address.IsIPv4
            ? match.With(Field.EthType, IPv4).With(Field.Ipv4Src, address.IPv4Bits)
            : match.With(Field.EthType, IPv6).With(Field.Ipv6Src, address.Bits);

    /// <summary>IP packets to the addresses of a prefix.</summary>
    public static Match To(this Match match, Prefix prefix) =>
        prefix.Family == IpFamily.IPv4
            ? match.With(Field.EthType, IPv4).With(Field.Ipv4Dst, prefix.Network.IPv4Bits, (uint)prefix.Mask)
            : match.With(Field.EthType, IPv6).With(Field.Ipv6Dst, prefix.Network.Bits, prefix.Mask);

    /// <summary>IP packets to an address.</summary>
    public static Match To(this Match match, IpAddress address) => match.To(Prefix.Of(address));
}
