using Osc.Lab;
using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Integration.Attacks;

/// <summary>Headers that say more, less or other than is so: options, extension headers, source routes, wrong lengths.</summary>
internal static class HeaderAttacks
{
    private const byte LooseSourceRoute = 131;
    private const byte StrictSourceRoute = 137;
    private const byte RouterAlert = 148;
    private const byte RecordRoute = 7;
    private const byte Authentication = 51;

    public static IEnumerable<Attack> All => [.. Options(), .. SourceRoutes(), .. Extensions(), .. Wrong()];

    private static IEnumerable<Attack> Options()
    {
        (string Name, byte[] Options)[] options =
        [
            ("router alert", [RouterAlert, 4, 0, 0]), ("record route", [RecordRoute, 39, 4, .. new byte[36], 0]), ("timestamp", [68, 12, 5, 0, .. new byte[8]]), ("security", [130, 11, .. new byte[10]]),
            ("no operation, 40 times", [.. Enumerable.Repeat((byte)1, 40)]), ("an option of no length", [200, 0, 0, 0]), ("an option past the header", [200, 40, 0, 0]), ("ports in the options", [.. FrameBytes.Of(AttackScene.Ephemeral), .. FrameBytes.Of(AttackScene.Permitted)]),
        ];
        return options.Select(o => new Attack("IP options", o.Name, s => [s.To(s.Near, V4(s, s.Near) with { Options = o.Options })]));
    }

    /// <summary>To one that may be reached or to the router, to be sent on to the victim.</summary>
    private static IEnumerable<Attack> SourceRoutes()
    {
        const string family = "Source routing";
        foreach (var (name, option) in new[] { ("loose", LooseSourceRoute), ("strict", StrictSourceRoute) })
        {
            yield return new(family, $"IPv4, {name}: through the router to a database", s =>
                [s.Frame(s.Self.NextHop, V4(s, RouterAddress.In(s.Self.Subnet)) with { Options = Route(option, s.Database.V4) })]);
            yield return new(family, $"IPv4, {name}: the victim first, then a database", s =>
                [s.To(s.Near, V4(s, s.Near) with { Options = Route(option, s.Database.V4) })]);
            yield return new(family, $"IPv4, {name}: already there, from the router", s =>
                [s.To(s.Near, V4(s, s.Near) with { Options = [.. Route(option, RouterAddress.In(s.Self.Subnet))[..2], 8, .. RouterAddress.In(s.Self.Subnet).ToBytes(), 0] })]);
        }

        foreach (var (name, type) in new[] { ("type 0", 0), ("type 2, mobility", 2), ("type 3, RPL", 3), ("type 4, segments", 4), ("unknown type", 99) })
        {
            yield return new(family, $"IPv6, {name}: through the router to a database", s =>
                [s.Frame(s.Self.NextHop, V6(s, IpAddress.Parse("fd00:10::ffff:ffff:ffff:fffe")).With(Ipv6Packet.Routing, [(byte)type, 1, 0, 0, 0, 0, .. s.Database.V6.ToBytes()]))]);
            yield return new(family, $"IPv6, {name}: the victim first, then a database", s =>
                [s.To(s.Near, V6(s, s.Near.V6).With(Ipv6Packet.Routing, [(byte)type, 1, 0, 0, 0, 0, .. s.Database.V6.ToBytes()]))]);
        }
    }

    private static IEnumerable<Attack> Extensions()
    {
        const string family = "IPv6 extension headers";
        (string Name, Func<AttackScene, Ipv6Packet, Ipv6Packet> Wrap)[] chains =
        [
            ("hop-by-hop options", (_, p) => p.WithOptions(Ipv6Packet.HopByHop)),
            ("destination options", (_, p) => p.WithOptions(Ipv6Packet.DestinationOptions)),
            ("destination options, 20 times", (_, p) => Enumerable.Range(0, 20).Aggregate(p, (q, _) => q.WithOptions(Ipv6Packet.DestinationOptions))),
            ("hop-by-hop options behind others", (_, p) => p.WithOptions(Ipv6Packet.HopByHop).WithOptions(Ipv6Packet.DestinationOptions)),
            ("hop-by-hop options twice", (_, p) => p.WithOptions(Ipv6Packet.HopByHop).WithOptions(Ipv6Packet.HopByHop)),
            ("authentication header", (_, p) => p with { NextHeader = Authentication, Payload = [p.NextHeader, 4, 0, 0, .. new byte[20], .. p.Payload] }),
            ("options that end past the packet", (_, p) => p with { NextHeader = Ipv6Packet.DestinationOptions, Payload = [p.NextHeader, 200, 1, 4, 0, 0, 0, 0, .. p.Payload] }),
            ("mobility header", (_, p) => p.With(135, [0, 0, 0, 0, 0, 0])),
            ("host identity header", (_, p) => p.With(139, [0, 0, 0, 0, 0, 0])),
            ("shim header", (_, p) => p.With(140, [0, 0, 0, 0, 0, 0])),
            ("an unknown header", (_, p) => p.With(253, [0, 0, 0, 0, 0, 0])),
            ("no next header, and data", (_, p) => p with { NextHeader = Ipv6Packet.NoNextHeader }),
            ("ICMPv4 in IPv6", (s, p) => p with { NextHeader = IpProtocol.Icmp, Payload = Segment.Icmp(s.Self.V4, s.Near.V4, 8, 0, [0, 1, 0, 1, .. s.Data]) }),
        ];
        foreach (var (name, wrap) in chains)
        {
            yield return new(family, name, s => [s.To(s.Near, wrap(s, V6(s, s.Near.V6))), s.To(s.Database, wrap(s, V6(s, s.Database.V6)))]);
        }

        yield return new(family, "ICMPv6 in IPv4", s =>
            [s.To(s.Near, new Ipv4Packet(s.Self.V4, s.Near.V4, IpProtocol.IcmpV6, Segment.Icmp(s.Self.V6, s.Near.V6, 128, 0, [0, 1, 0, 1, .. s.Data])))]);
        yield return new(family, "to an IPv4 address, mapped to IPv6", s =>
        {
            var packet = new Ipv6Packet(s.Self.V6, s.Near.V4, IpProtocol.Udp, Segment.Udp(s.Self.V6, s.Near.V6, AttackScene.Ephemeral, AttackScene.Permitted, s.Data));
            return [s.To(s.Near, packet), s.Frame(s.Self.NextHop, packet.ToBytes())];
        });
    }

    private static IEnumerable<Attack> Wrong()
    {
        const string family = "Wrong headers";
        (string Name, Func<AttackScene, Ipv4Packet> Packet)[] wrong =
        [
            ("IPv4 header of four words", s => V4(s, s.Near) with { HeaderWords = 4 }),
            ("IPv4 header of no words", s => V4(s, s.Near) with { HeaderWords = 0 }),
            ("IPv4 header longer than the packet", s => V4(s, s.Near) with { HeaderWords = 15 }),
            ("IPv4 length past the frame", s => V4(s, s.Near) with { TotalLength = 1500 }),
            ("IPv4 length of the header alone", s => V4(s, s.Near) with { TotalLength = 20 }),
            ("IPv4 length zero", s => V4(s, s.Near) with { TotalLength = 0 }),
            ("IPv4 checksum", s => V4(s, s.Near) with { HasBadChecksum = true }),
            ("IPv4 TTL zero", s => V4(s, s.Near) with { TimeToLive = 0 }),
            ("UDP that ends in its header", s => V4(s, s.Near) with { Payload = V4(s, s.Near).Payload[..6] }),
            ("TCP that ends in its header", s => V4(s, s.Near) with { Protocol = IpProtocol.Tcp, Payload = Segment.Tcp(s.Self.V4, s.Near.V4, AttackScene.Ephemeral, AttackScene.Forbidden, TcpBits.Syn, [])[..12] }),
            ("UDP longer than its packet", s => V4(s, s.Near) with { Payload = [.. V4(s, s.Near).Payload[..4], 5, 0, .. V4(s, s.Near).Payload[6..]] }),
            ("UDP checksum", s => V4(s, s.Near) with { Payload = [.. V4(s, s.Near).Payload[..6], 0xba, 0xd1, .. V4(s, s.Near).Payload[8..]] }),
        ];
        foreach (var (name, packet) in wrong)
        {
            yield return new(family, name, s => [s.Trailed(s.Near.Mac, packet(s).ToBytes())]);
        }

        yield return new(family, "IPv6 length past the frame", s => [s.To(s.Near, V6(s, s.Near.V6) with { PayloadLength = 1500 })]);
        yield return new(family, "IPv6 length zero", s => [s.To(s.Near, V6(s, s.Near.V6) with { PayloadLength = 0 })]);
        yield return new(family, "IPv6 hop limit zero", s => [s.To(s.Near, V6(s, s.Near.V6) with { HopLimit = 0 })]);
        yield return new(family, "IPv6 called IPv4", s => [EthernetFrame.Of(s.Near.Mac, s.Self.Mac, EthernetFrame.IPv4, V6(s, s.Near.V6).ToBytes())]);
        yield return new(family, "IPv4 called IPv6", s => [EthernetFrame.Of(s.Near.Mac, s.Self.Mac, EthernetFrame.IPv6, V4(s, s.Near).ToBytes(), s.Data)]);
        yield return new(family, "IPv4 that ends in its header", s => [EthernetFrame.Of(s.Near.Mac, s.Self.Mac, EthernetFrame.IPv4, [.. V4(s, s.Near).ToBytes()[..8], .. s.Data])]);
        yield return new(family, "a land packet, to itself from itself", s => [s.Frame(s.Near.Mac, AttackScene.Packet(s.Self.V4, s.Self.V4, IpProtocol.Udp, Segment.Udp(s.Self.V4, s.Self.V4, 7, 7, s.Data)))]);
    }

    private static byte[] Route(byte option, IpAddress next) => [option, 7, 4, .. next.ToBytes(), 0];

    private static Ipv4Packet V4(AttackScene s, AttackEnd to) => V4(s, to.V4);

    private static Ipv4Packet V4(AttackScene s, IpAddress to) =>
        new(s.Self.V4, to, IpProtocol.Udp, Segment.Udp(s.Self.V4, to, AttackScene.Ephemeral, AttackScene.Forbidden, s.Data));

    private static Ipv6Packet V6(AttackScene s, IpAddress to) =>
        new(s.Self.V6, to, IpProtocol.Udp, Segment.Udp(s.Self.V6, to, AttackScene.Ephemeral, AttackScene.Forbidden, s.Data));

    private static byte[] To(this AttackScene s, AttackEnd to, Ipv4Packet packet) => s.To(to, packet.ToBytes());

    private static byte[] To(this AttackScene s, AttackEnd to, Ipv6Packet packet) => s.To(to, packet.ToBytes());

    private static byte[] Frame(this AttackScene s, MacAddress to, Ipv4Packet packet) => s.Frame(to, packet.ToBytes());

    private static byte[] Frame(this AttackScene s, MacAddress to, Ipv6Packet packet) => s.Frame(to, packet.ToBytes());
}
