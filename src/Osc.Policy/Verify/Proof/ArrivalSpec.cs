using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// What a port may bring in, as docs/policy-language.md says under "Spoof guard" and what passes without a rule; written as a list,
/// first match wins, from the documents alone.
/// </summary>
internal sealed class ArrivalSpec
{
    private const uint VlanPresent = 0x1000;
    private const byte RouterSolicitation = 133;
    private const byte NeighbourSolicitation = 135;
    private const byte NeighbourAdvertisement = 136;
    private const byte Redirect = 137;

    private static readonly IpAddress Nobody = IpAddress.FromIPv4(0);
    private static readonly IpAddress NobodyV6 = IpAddress.FromBits(0);
    private static readonly Constraint IPv4 = Constraint.Is(Field.EthType, 0x0800);
    private static readonly Constraint IPv6 = Constraint.Is(Field.EthType, 0x86dd);
    private static readonly Constraint Arp = Constraint.Is(Field.EthType, 0x0806);
    private static readonly Constraint Udp = Constraint.Is(Field.IpProto, IpProtocol.Udp);
    private static readonly Constraint FullTtl = Constraint.Is(Field.IpTtl, 255);

    private readonly BridgeSpec bridge;
    private readonly List<(Constraint[] Constraints, Arrival Result)> entries = [];

    private ArrivalSpec(BridgeSpec bridge) => this.bridge = bridge;

    /// <param name="port">null: a port that nobody claims.</param>
    public static CubeList<Arrival> Of(BridgeSpec bridge, PortName? port)
    {
        var spec = new ArrivalSpec(bridge);
        if (port is { } named && bridge.ByPort.TryGetValue(named, out var placed))
        {
            spec.AddLocal(placed);
        }
        else if (port is { } uplink && bridge.Bridge.Uplinks.Contains(uplink))
        {
            spec.AddUplink();
        }

        spec.Add(Arrival.Dropped);
        return new(spec.entries);
    }

    private void AddLocal(PlacedInterface placed)
    {
        var mac = placed.Interface.Mac;
        var forward = new Arrival(ArrivalKind.Forward, placed.Network, true);
        Add(Arrival.Dropped, Constraint.In(Field.VlanVid, new Interval<UInt128>(VlanPresent, VlanPresent | 0xfff)));
        Add(Arrival.Dropped, Constraint.Not(Field.EthSrc, [mac.Bits]));
        foreach (var address in placed.Interface.Addresses.Where(a => a.IsIPv4))
        {
            Add(forward, Arp, Constraint.Is(Field.ArpSha, mac.Bits), Constraint.Is(Field.ArpSpa, address.IPv4Bits));
        }

        if (BridgeSpec.Speaks(placed, IpFamily.IPv4))
        {
            Add(forward, Arp, Constraint.Is(Field.ArpSha, mac.Bits), Constraint.Is(Field.ArpSpa, 0), Constraint.Is(Field.ArpOp, 1));
        }

        Add(Arrival.Dropped, Arp);
        if (BridgeSpec.Speaks(placed, IpFamily.IPv6))
        {
            AddNeighbourDiscovery(placed, mac, forward);
        }

        Add(Arrival.Dropped, IPv6, Constraint.Is(Field.IpProto, IpProtocol.IcmpV6), Discovery);
        AddSources(placed, mac);
        AddDispatch(placed.Network, true, []);
    }

    private static Constraint Discovery => Constraint.In(Field.Icmpv6Type, new Interval<UInt128>(RouterSolicitation, Redirect));

    private void AddNeighbourDiscovery(PlacedInterface placed, MacAddress mac, Arrival forward)
    {
        Constraint solicits = Constraint.Is(Field.Icmpv6Type, NeighbourSolicitation);
        Add(Arrival.Dropped, IPv6, Constraint.Is(Field.IpProto, IpProtocol.IcmpV6), solicits, Constraint.Is(Field.Icmpv6Code, 0), Constraint.Is(Field.NdTarget, 0));
        foreach (var address in placed.Interface.Addresses.Where(a => !a.IsIPv4).Append(mac.LinkLocal).Distinct())
        {
            var (source, target) = (Constraint.Is(Field.Ipv6Src, address.Bits), Constraint.Is(Field.NdTarget, address.Bits));
            Discover(NeighbourSolicitation, source, Constraint.In(Field.NdSll, new(mac.Bits, mac.Bits), new(0, 0)));
            Discover(NeighbourSolicitation, Constraint.Is(Field.Ipv6Src, NobodyV6.Bits), target);
            Discover(NeighbourAdvertisement, target, Constraint.In(Field.NdTll, new(mac.Bits, mac.Bits), new(0, 0)));
            Discover(RouterSolicitation, source);
        }

        Discover(RouterSolicitation, Constraint.Is(Field.Ipv6Src, NobodyV6.Bits));

        void Discover(byte type, params Constraint[] own) =>
            Add(forward, [IPv6, Constraint.Is(Field.IpProto, IpProtocol.IcmpV6), FullTtl, Constraint.Is(Field.Icmpv6Type, type), Constraint.Is(Field.Icmpv6Code, 0), .. own]);
    }

    /// <summary>Only own sources; and where there is no address yet, a DHCP client's question.</summary>
    private void AddSources(PlacedInterface placed, MacAddress mac)
    {
        foreach (var (family, field, asking, from, to) in new[] { (IPv4, Field.Ipv4Src, Nobody, 68, 67), (IPv6, Field.Ipv6Src, mac.LinkLocal, 546, 547) })
        {
            var own = placed.Interface.Addresses.Where(a => a.IsIPv4 == (family == IPv4)).ToList();
            var asks = BridgeSpec.Speaks(placed, family == IPv4 ? IpFamily.IPv4 : IpFamily.IPv6) && !own.Contains(asking);
            Add(Arrival.Dropped, family, Constraint.Not(field, own.Concat(asks ? [asking] : []).Select(Bits)));
            if (asks)
            {
                var source = Constraint.Is(field, Bits(asking));
                Add(Arrival.Dropped, family, source, Constraint.Not(Field.IpProto, [IpProtocol.Udp]));
                Add(Arrival.Dropped, family, source, Udp, Constraint.Not(Field.UdpSrc, [(UInt128)from]));
                Add(Arrival.Dropped, family, source, Udp, Constraint.Not(Field.UdpDst, [(UInt128)to]));
            }
        }
    }

    private static UInt128 Bits(IpAddress address) => address.IsIPv4 ? address.IPv4Bits : address.Bits;

    private void AddUplink()
    {
        foreach (var network in bridge.Networks.OrderBy(n => n.Segment.Type == SegmentType.Untagged))
        {
            Constraint[] arrives = network.Segment.Type switch
            {
                SegmentType.Vlan => [Constraint.Is(Field.VlanVid, VlanPresent | (uint)network.Segment.Id)],
                SegmentType.Vni => [Constraint.Is(Field.VlanVid, 0), Constraint.Is(Field.TunnelId, (uint)network.Segment.Id)],
                _ => [Constraint.Is(Field.VlanVid, 0)],
            };
            var forward = new Arrival(ArrivalKind.Forward, network, false);
            Add(forward, [.. arrives, Arp]);
            Add(forward, [.. arrives, IPv6, Constraint.Is(Field.IpProto, IpProtocol.IcmpV6), Discovery, FullTtl]);
            Add(Arrival.Dropped, [.. arrives, IPv6, Constraint.Is(Field.IpProto, IpProtocol.IcmpV6), Discovery]);
            AddDispatch(network, false, arrives);
            Add(Arrival.Dropped, arrives);
        }
    }

    private void AddDispatch(NetworkDocument network, bool fromLocal, Constraint[] arrives)
    {
        var track = new Arrival(ArrivalKind.Track, network, fromLocal);
        var forward = track with { Kind = ArrivalKind.Forward };
        var toMany = network.Multicast ? track with { ToMany = true } : Arrival.Dropped;
        Constraint broadcast = Constraint.Is(Field.Ipv4Dst, uint.MaxValue);
        Here(forward, [IPv4, broadcast, .. Ports(68, 67)]);
        if (!fromLocal)
        {
            Here(forward, [IPv4, broadcast, .. Ports(67, 68)]);
        }

        Here(forward, [IPv6, Constraint.Is(Field.Ipv6Dst, IpAddress.Parse("ff02::1:2").Bits), .. Ports(546, 547)]);
        Here(toMany, IPv4, Constraint.In(Field.Ipv4Dst, new(0xe000_0000, 0xefff_ffff), new(uint.MaxValue, uint.MaxValue)));
        Here(toMany, IPv6, Constraint.In(Field.Ipv6Dst, new Interval<UInt128>((UInt128)0xff << 120, UInt128.MaxValue)));
        foreach (var (address, multicast) in bridge.Meaning.DirectedBroadcasts(network.Vrf))
        {
            Here(multicast ? track with { ToMany = true } : Arrival.Dropped, IPv4, Constraint.Is(Field.Ipv4Dst, address.IPv4Bits));
        }

        Here(track with { Kind = ArrivalKind.Deliver }, [IPv4, .. Ports(68, 67)]);
        Here(track with { Kind = ArrivalKind.Deliver }, [IPv6, .. Ports(546, 547)]);
        Here(track with { ToDhcpClient = true }, [IPv4, .. Ports(67, 68)]);
        Here(track with { ToDhcpClient = true }, [IPv6, .. Ports(547, 546)]);
        Here(track, IPv4);
        Here(track, IPv6);

        void Here(Arrival arrival, params Constraint[] constraints) => Add(arrival, [.. arrives, .. constraints]);
    }

    private static Constraint[] Ports(ushort source, ushort destination) => [Udp, Constraint.Is(Field.UdpSrc, source), Constraint.Is(Field.UdpDst, destination)];

    private void Add(Arrival arrival, params Constraint[] constraints) => entries.Add((constraints, arrival));
}
