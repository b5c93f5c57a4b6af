using Osc.Lab;
using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Integration.Attacks;

/// <summary>What a workload sends under another's name: MAC and IP addresses, ARP, DHCP.</summary>
internal static class AddressAttacks
{
    private const ushort ArpRequest = 1;
    private const ushort ArpReply = 2;

    private static readonly IpAddress Unspecified = IpAddress.FromIPv4(0);
    private static readonly IpAddress Broadcast = IpAddress.FromIPv4(uint.MaxValue);

    public static IEnumerable<Attack> All =>
    [
        .. ForgedMac(),
        .. ForgedSource(),
        .. Arp(),
        .. Dhcp(),
    ];

    private static IEnumerable<Attack> ForgedMac()
    {
        (string, Func<AttackScene, MacAddress>)[] forged =
        [
            ("the victim's", s => s.Near.Mac),
            ("another workload's", s => s.Far.Mac),
            ("the router's", s => s.Self.NextHop),
            ("nobody's", _ => MacAddress.Parse("02:00:00:00:be:ef")),
            ("a group's", s => MacAddress.FromBits(s.Self.Mac.Bits | 1UL << 40)),
            ("broadcast", _ => EthernetFrame.Broadcast),
            ("zero", _ => MacAddress.FromBits(0)),
        ];
        return
            from f in forged
            from family in Enum.GetValues<IpFamily>()
            select new Attack("Forged MAC address", $"{family} from {f.Item1} MAC address", s =>
                [EthernetFrame.Of(s.Near.Mac, f.Item2(s), EtherType(family), s.Ip(s.Near, family, IpProtocol.Udp, Datagram(s, s.Self.Of(family), s.Near.Of(family))))]);
    }

    private static IEnumerable<Attack> ForgedSource()
    {
        (string, Func<AttackScene, IpAddress>)[] forged =
        [
            ("the victim's own address", s => s.Near.V4),
            ("another workload's address", s => s.Far.V4),
            ("an address of another network", s => s.App.V4),
            ("the router's address", s => RouterOf(s.Self.Subnet)),
            ("nobody's address", _ => IpAddress.Parse("10.10.0.99")),
            ("an outsider's address", _ => IpAddress.Parse("198.51.100.7")),
            ("0.0.0.0", _ => Unspecified),
            ("127.0.0.1", _ => IpAddress.Parse("127.0.0.1")),
            ("a multicast address", _ => IpAddress.Parse("224.0.0.5")),
            ("255.255.255.255", _ => Broadcast),
            ("the network's broadcast address", s => s.Self.Subnet.Last),
            ("the victim's own IPv6 address", s => s.Near.V6),
            ("another workload's IPv6 address", s => s.Far.V6),
            ("::", _ => IpAddress.FromBits(0)),
            ("::1", _ => IpAddress.FromBits(1)),
            ("an IPv6 multicast address", _ => IpAddress.Parse("ff02::1")),
            ("another's link-local address", s => s.Far.Mac.LinkLocal),
            ("its own IPv4 address, mapped to IPv6", s => s.Self.V4),
        ];
        foreach (var (whose, source) in forged)
        {
            var isMapped = whose.Contains("mapped", StringComparison.Ordinal);
            yield return new("Forged IP address", $"from {whose}", s =>
            {
                var to = source(s).IsIPv4 && !isMapped ? s.Near.V4 : s.Near.V6;
                var packet = AttackScene.Packet(source(s), to, IpProtocol.Udp, Datagram(s, source(s), to));
                return [s.To(s.Near, packet), s.Frame(s.Self.NextHop, packet)];
            });
        }
    }

    private static IEnumerable<Attack> Arp()
    {
        const string family = "ARP";
        yield return new(family, "request from the victim's address", s => [ArpFrame(s, ArpRequest, s.Self.Mac, s.Near.V4, s.Far.V4)]);
        yield return new(family, "request from nobody's address", s => [ArpFrame(s, ArpRequest, s.Self.Mac, IpAddress.Parse("10.10.0.99"), s.Near.V4)]);
        yield return new(family, "gratuitous request for the router's address", s => [ArpFrame(s, ArpRequest, s.Self.Mac, RouterOf(s.Self.Subnet), RouterOf(s.Self.Subnet))]);
        yield return new(family, "gratuitous reply for the router's address", s => [ArpFrame(s, ArpReply, s.Self.Mac, RouterOf(s.Self.Subnet), RouterOf(s.Self.Subnet))]);
        yield return new(family, "reply for another's address, to one", s => [ArpFrame(s, ArpReply, s.Self.Mac, s.Far.V4, s.Near.V4, s.Near.Mac)]);
        yield return new(family, "own address at another's MAC address", s => [ArpFrame(s, ArpReply, s.Far.Mac, s.Self.V4, s.Near.V4)]);
        yield return new(family, "own address at a broadcast MAC address", s => [ArpFrame(s, ArpReply, EthernetFrame.Broadcast, s.Self.V4, s.Near.V4)]);
        yield return new(family, "reply from 0.0.0.0", s => [ArpFrame(s, ArpReply, s.Self.Mac, Unspecified, s.Near.V4)]);
        yield return new(family, "probe from 0.0.0.0 with another's MAC address", s => [ArpFrame(s, ArpRequest, s.Far.Mac, Unspecified, s.Near.V4)]);
        yield return new(family, "everything right but the frame's source", s =>
            [EthernetFrame.Of(EthernetFrame.Broadcast, s.Far.Mac, EthernetFrame.Arp, ArpMessage(ArpRequest, s.Self.Mac, s.Self.V4, s.Near.V4), s.Data)]);
        yield return new(family, "the victim's address in RARP", s =>
            [EthernetFrame.Of(EthernetFrame.Broadcast, s.Self.Mac, 0x8035, ArpMessage(3, s.Self.Mac, s.Near.V4, s.Near.V4), s.Data)]);
        yield return new(family, "the victim's address with hardware addresses of another length", s =>
        {
            var message = ArpMessage(ArpReply, s.Self.Mac, s.Near.V4, s.Near.V4);
            message[4] = 8;
            return [EthernetFrame.Of(EthernetFrame.Broadcast, s.Self.Mac, EthernetFrame.Arp, message, s.Data)];
        });
        yield return new(family, "a message that ends early", s =>
            [EthernetFrame.Of(EthernetFrame.Broadcast, s.Self.Mac, EthernetFrame.Arp, [.. ArpMessage(ArpReply, s.Self.Mac, s.Near.V4, s.Near.V4)[..10], .. s.Data])]);
    }

    private static IEnumerable<Attack> Dhcp()
    {
        const string family = "DHCP server";
        var servers = IpAddress.Parse("ff02::1:2");
        yield return new(family, "offer to all", s => [Udp(s, EthernetFrame.Broadcast, s.Self.V4, Broadcast, 67, 68)]);
        yield return new(family, "offer to all from the router's address", s => [Udp(s, EthernetFrame.Broadcast, RouterOf(s.Self.Subnet), Broadcast, 67, 68)]);
        yield return new(family, "offer to all from 0.0.0.0", s => [Udp(s, EthernetFrame.Broadcast, Unspecified, Broadcast, 67, 68)]);
        yield return new(family, "offer to one", s => [s.Udp(s.Near, IpFamily.IPv4, 68, 67)]);
        yield return new(family, "offer to one in a frame to all", s => [Udp(s, EthernetFrame.Broadcast, s.Self.V4, s.Near.V4, 67, 68)]);
        yield return new(family, "offer from another's address", s => [Udp(s, s.Near.Mac, s.Far.V4, s.Near.V4, 67, 68)]);
        yield return new(family, "DHCPv6 advertisement to one", s => [s.Udp(s.Near, IpFamily.IPv6, 546, 547)]);
        yield return new(family, "DHCPv6 advertisement from and to link-local addresses", s => [Udp(s, s.Near.Mac, s.Self.Mac.LinkLocal, s.Near.Mac.LinkLocal, 547, 546)]);
        yield return new(family, "DHCPv6 advertisement to all servers", s => [Udp(s, EthernetFrame.GroupOf(servers), s.Self.V6, servers, 547, 546)]);
        yield return new(family, "a client's question from another's address", s => [Udp(s, EthernetFrame.Broadcast, s.Near.V4, Broadcast, 68, 67)]);
        yield return new(family, "a client's question from another's link-local address", s => [Udp(s, EthernetFrame.GroupOf(servers), s.Near.Mac.LinkLocal, servers, 546, 547)]);
    }

    private static byte[] Udp(AttackScene scene, MacAddress frameTo, IpAddress source, IpAddress destination, ushort from, ushort to) =>
        scene.Frame(frameTo, AttackScene.Packet(source, destination, IpProtocol.Udp, Segment.Udp(source, destination, from, to, scene.Data)));

    private static byte[] Datagram(AttackScene scene, IpAddress source, IpAddress destination) =>
        Segment.Udp(source, destination, AttackScene.Ephemeral, AttackScene.Permitted, scene.Data);

    /// <summary>An ARP message for IPv4 over Ethernet (RFC 826); the receiver's MAC address is left open.</summary>
    public static byte[] ArpMessage(ushort operation, MacAddress senderMac, IpAddress sender, IpAddress target) =>
        [0, 1, 8, 0, 6, 4, .. FrameBytes.Of(operation), .. senderMac.ToBytes(), .. sender.ToBytes(), 0, 0, 0, 0, 0, 0, .. target.ToBytes()];

    public static byte[] ArpFrame(AttackScene scene, ushort operation, MacAddress senderMac, IpAddress sender, IpAddress target, MacAddress? frameTo = null) =>
        EthernetFrame.Of(frameTo ?? EthernetFrame.Broadcast, scene.Self.Mac, EthernetFrame.Arp, ArpMessage(operation, senderMac, sender, target), scene.Data);

    private static ushort EtherType(IpFamily family) => family == IpFamily.IPv4 ? EthernetFrame.IPv4 : EthernetFrame.IPv6;

    private static IpAddress RouterOf(Prefix subnet) => RouterAddress.In(subnet);
}
