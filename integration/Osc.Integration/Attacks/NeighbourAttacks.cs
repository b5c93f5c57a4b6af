using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Integration.Attacks;

/// <summary>Neighbour discovery that is not the sender's to send (RFC 4861), and the ways around guards against it (RFC 7113).</summary>
internal static class NeighbourAttacks
{
    private const string Family = "IPv6 neighbour discovery";
    private const byte RouterSolicitation = 133;
    private const byte RouterAdvertisement = 134;
    private const byte Solicitation = 135;
    private const byte Advertisement = 136;
    private const byte Redirect = 137;
    private const byte SourceAddressOption = 1;
    private const byte TargetAddressOption = 2;
    private const byte PrefixOption = 3;
    private const byte HopLimit = 255;

    private static readonly IpAddress AllNodes = IpAddress.Parse("ff02::1");
    private static readonly IpAddress Unspecified = IpAddress.FromBits(0);

    public static IEnumerable<Attack> All =>
    [
        new(Family, "advertisement of the victim's address", s => [ToAll(s, s.Self.V6, Advertises(s.Near.V6, s.Self.Mac))]),
        new(Family, "advertisement of the router's address", s => [ToAll(s, s.Self.V6, Advertises(Router(s), s.Self.Mac))]),
        new(Family, "advertisement of the victim's link-local address", s => [ToAll(s, s.Self.Mac.LinkLocal, Advertises(s.Near.Mac.LinkLocal, s.Self.Mac))]),
        new(Family, "advertisement of the victim's address without a MAC address", s => [ToAll(s, s.Self.V6, Advertises(s.Near.V6, null))]),
        new(Family, "advertisement of its own address at another's MAC address", s => [ToAll(s, s.Self.V6, Advertises(s.Self.V6, s.Far.Mac))]),
        new(Family, "advertisement of its own address at two MAC addresses", s =>
            [ToAll(s, s.Self.V6, [.. Advertises(s.Self.V6, s.Far.Mac), .. Option(TargetAddressOption, s.Self.Mac)])]),
        new(Family, "advertisement from another's address", s => [ToAll(s, s.Near.V6, Advertises(s.Near.V6, s.Near.Mac))]),
        new(Family, "advertisement to one, of a third's address", s => [Nd(s, s.Near.Mac, s.Self.V6, s.Near.V6, Advertises(s.Far.V6, s.Self.Mac))]),
        new(Family, "forwarded advertisement (hop limit below 255)", s => [Nd(s, s.Near.Mac, s.Self.V6, s.Near.V6, Advertises(s.Self.V6, s.Self.Mac), hopLimit: 64)]),
        new(Family, "advertisement behind destination options", s => [Behind(s, s.Near.Mac, s.Near.V6, Advertises(s.Far.V6, s.Self.Mac), Ipv6Packet.DestinationOptions)]),
        new(Family, "advertisement behind hop-by-hop options", s => [Behind(s, s.Near.Mac, s.Near.V6, Advertises(s.Far.V6, s.Self.Mac), Ipv6Packet.HopByHop)]),
        new(Family, "advertisement in one fragment", s => [s.Frame(s.Near.Mac, Packet(s.Self.V6, s.Near.V6, Marked(s, Advertises(s.Far.V6, s.Self.Mac)), HopLimit).Fragment(s.Mark.Number, 0).ToBytes())]),
        new(Family, "advertisement in two fragments", s =>
            [.. Fragments(s, s.Near.Mac, Packet(s.Self.V6, s.Near.V6, Marked(s, Advertises(s.Far.V6, s.Self.Mac)), HopLimit), 24)]),
        new(Family, "solicitation from the victim's address", s => [ToAll(s, s.Near.V6, Solicits(s.Far.V6, s.Self.Mac))]),
        new(Family, "solicitation with another's MAC address", s => [ToAll(s, s.Self.V6, Solicits(s.Near.V6, s.Far.Mac))]),
        new(Family, "solicitation with two MAC addresses", s => [ToAll(s, s.Self.V6, [.. Solicits(s.Near.V6, s.Far.Mac), .. Option(SourceAddressOption, s.Self.Mac)])]),
        new(Family, "duplicate address detection for the victim's address", s => [ToAll(s, Unspecified, Solicits(s.Near.V6, null))]),
        new(Family, "duplicate address detection for the router's address", s => [ToAll(s, Unspecified, Solicits(Router(s), null))]),
        new(Family, "router advertisement to all", s => [ToAll(s, s.Self.Mac.LinkLocal, RouterMessage(s))]),
        new(Family, "router advertisement to all from its own address", s => [ToAll(s, s.Self.V6, RouterMessage(s))]),
        new(Family, "router advertisement to one", s => [Nd(s, s.Near.Mac, s.Self.V6, s.Near.V6, RouterMessage(s))]),
        new(Family, "router advertisement from the router's link-local address", s => [ToAll(s, s.Self.NextHop.LinkLocal, RouterMessage(s))]),
        new(Family, "router advertisement behind destination options", s => [Behind(s, EthernetFrame.GroupOf(AllNodes), AllNodes, RouterMessage(s), Ipv6Packet.DestinationOptions)]),
        new(Family, "router advertisement to one, behind destination options", s => [Behind(s, s.Near.Mac, s.Near.V6, RouterMessage(s), Ipv6Packet.DestinationOptions)]),
        new(Family, "router advertisement in one fragment", s =>
            [s.Frame(s.Near.Mac, Packet(s.Self.V6, s.Near.V6, Marked(s, RouterMessage(s)), HopLimit).Fragment(s.Mark.Number, 0).ToBytes())]),
        new(Family, "router advertisement whose type is in the second fragment", s =>
            [.. Fragments(s, s.Near.Mac, Packet(s.Self.V6, s.Near.V6, Marked(s, RouterMessage(s)), HopLimit).With(Ipv6Packet.DestinationOptions, new byte[FragmentAttacks.Large - 2]), FragmentAttacks.Large)]),
        new(Family, "router advertisement in fragments, to all", s =>
            [.. Fragments(s, EthernetFrame.GroupOf(AllNodes), Packet(s.Self.V6, AllNodes, Marked(s, RouterMessage(s)), HopLimit).With(Ipv6Packet.DestinationOptions, new byte[FragmentAttacks.Large - 2]), FragmentAttacks.Large)]),
        new(Family, "redirect", s => [Nd(s, s.Near.Mac, s.Self.V6, s.Near.V6, [Redirect, .. Word(0), .. s.Self.V6.ToBytes(), .. s.App.V6.ToBytes()])]),
        new(Family, "redirect from the router's link-local address", s =>
            [Nd(s, s.Near.Mac, s.Self.NextHop.LinkLocal, s.Near.V6, [Redirect, .. Word(0), .. s.Self.V6.ToBytes(), .. s.App.V6.ToBytes()])]),
        new(Family, "router solicitation from another's address", s => [ToAll(s, s.Near.V6, [RouterSolicitation, .. Word(0)])]),
        new(Family, "multicast listener report", s => [ToAll(s, s.Self.V6, [143, .. Word(1), 4, 0, 0, 0, .. AllNodes.ToBytes()])]),
    ];

    /// <summary>What stands behind type and checksum: a word, then addresses and options.</summary>
    private static byte[] Advertises(IpAddress target, MacAddress? mac) => [Advertisement, .. Word(0x2000_0000), .. target.ToBytes(), .. mac is { } m ? Option(TargetAddressOption, m) : []];

    private static byte[] Solicits(IpAddress target, MacAddress? mac) => [Solicitation, .. Word(0), .. target.ToBytes(), .. mac is { } m ? Option(SourceAddressOption, m) : []];

    /// <summary>Hop limit 64, router for 1,800 s, a prefix to make addresses of.</summary>
    private static byte[] RouterMessage(AttackScene scene) =>
        [RouterAdvertisement, 64, 0, 7, 8, .. Word(0), .. Word(0), .. Option(SourceAddressOption, scene.Self.Mac), PrefixOption, 4, 64, 0xc0, .. Word(1800), .. Word(1800), .. Word(0), .. IpAddress.Parse("fd00:bad::").ToBytes()];

    private static byte[] Option(byte type, MacAddress mac) => [type, 1, .. mac.ToBytes()];

    private static byte[] Word(uint value) => FrameBytes.Of(value);

    /// <summary>The mark as an option that nobody knows (RFC 4861, 4.6: to be ignored), so that it is part of the message.</summary>
    private static byte[] Marked(AttackScene scene, byte[] message) => [.. message, 253, 2, 0, 0, 0, 0, 0, 0, .. scene.Data];

    /// <param name="message">The type, and what stands behind the checksum.</param>
    private static Ipv6Packet Packet(IpAddress source, IpAddress destination, byte[] message, byte hopLimit) =>
        new(source, destination, IpProtocol.IcmpV6, Segment.Icmp(source, destination, message[0], 0, message[1..])) { HopLimit = hopLimit };

    private static byte[] Nd(AttackScene scene, MacAddress frameTo, IpAddress source, IpAddress destination, byte[] message, byte hopLimit = HopLimit) =>
        scene.Frame(frameTo, Packet(source, destination, Marked(scene, message), hopLimit).ToBytes());

    private static byte[] ToAll(AttackScene scene, IpAddress source, byte[] message) => Nd(scene, EthernetFrame.GroupOf(AllNodes), source, AllNodes, message);

    private static byte[] Behind(AttackScene scene, MacAddress frameTo, IpAddress destination, byte[] message, byte extension) =>
        scene.Frame(frameTo, Packet(scene.Self.V6, destination, Marked(scene, message), HopLimit).WithOptions(extension).ToBytes());

    private static IEnumerable<byte[]> Fragments(AttackScene scene, MacAddress frameTo, Ipv6Packet packet, int first) =>
        [scene.Trailed(frameTo, packet.Fragment(scene.Mark.Number, 0, first).ToBytes()), scene.Trailed(frameTo, packet.Fragment(scene.Mark.Number, first).ToBytes())];

    private static IpAddress Router(AttackScene scene) => IpAddress.Parse("fd00:10::ffff:ffff:ffff:fffe");
}
