using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Integration.Attacks;

/// <summary>The controls: frames made and sent as the attacks are, which policy allows and which therefore come to where they go.</summary>
internal static class PermittedFrames
{
    private const string Family = "Permitted";
    private const string Near = "shop/web-2";
    private const string Far = "shop/web-1";
    private const string Core = "platform/core-1";

    public static IEnumerable<Attack> All =>
    [
        .. Enum.GetValues<IpFamily>().SelectMany(Of),
        new(Family, "ARP request for a neighbour, to all", s => [AddressAttacks.ArpFrame(s, 1, s.Self.Mac, s.Self.V4, s.Near.V4)]) { Arrives = [Near, Far, AttackLab.Outside] },
        new(Family, "ARP reply to one", s => [AddressAttacks.ArpFrame(s, 2, s.Self.Mac, s.Self.V4, s.Near.V4, s.Near.Mac)]) { Arrives = [Near] },
        new(Family, "DHCP question to all", s =>
        {
            var (from, to) = (IpAddress.FromIPv4(0), IpAddress.FromIPv4(uint.MaxValue));
            return [s.Frame(EthernetFrame.Broadcast, AttackScene.Packet(from, to, IpProtocol.Udp, Segment.Udp(from, to, 68, 67, s.Data)))];
        })
        {
            Arrives = [Near, Far, AttackLab.Outside],
        },
        new(Family, "IPv4 options", s => [s.To(s.Near, new Ipv4Packet(s.Self.V4, s.Near.V4, IpProtocol.Udp, Datagram(s, IpFamily.IPv4)) { Options = [148, 4, 0, 0] }.ToBytes())]) { Arrives = [Near] },
        new(Family, "IPv6 destination options", s =>
            [s.To(s.Near, new Ipv6Packet(s.Self.V6, s.Near.V6, IpProtocol.Udp, Datagram(s, IpFamily.IPv6)).WithOptions(Ipv6Packet.DestinationOptions).ToBytes())]) { Arrives = [Near] },
        new(Family, "IPv6 neighbour advertisement of its own address", s =>
        {
            var all = IpAddress.Parse("ff02::1");
            var message = Segment.Icmp(s.Self.V6, all, 136, 0, [.. FrameBytes.Of(0x2000_0000u), .. s.Self.V6.ToBytes(), 2, 1, .. s.Self.Mac.ToBytes(), 253, 2, 0, 0, 0, 0, 0, 0, .. s.Data]);
            return [s.Frame(EthernetFrame.GroupOf(all), new Ipv6Packet(s.Self.V6, all, IpProtocol.IcmpV6, message) { HopLimit = 255 }.ToBytes())];
        })
        {
            Arrives = [Near, Far, AttackLab.Outside],
        },
    ];

    private static IEnumerable<Attack> Of(IpFamily family)
    {
        yield return new(Family, $"{family}: UDP, same switch", s => [s.Udp(s.Near, family, AttackScene.Permitted)]) { Arrives = [Near], Claims = s => s.Connection(s.Near, family, IpProtocol.Udp, AttackScene.Permitted) };
        yield return new(Family, $"{family}: UDP, other switch", s => [s.Udp(s.Far, family, AttackScene.Permitted)]) { Arrives = [Far] };
        yield return new(Family, $"{family}: echo request by the router", s =>
            [s.To(s.Core, s.Ip(s.Core, family, family == IpFamily.IPv4 ? IpProtocol.Icmp : IpProtocol.IcmpV6, Segment.Icmp(s.Self.Of(family), s.Core.Of(family), family == IpFamily.IPv4 ? (byte)8 : (byte)128, 0, [0, 1, 0, 1, .. s.Data])))])
        {
            Arrives = [Core, AttackLab.Outside],
        };
        yield return new(Family, $"{family}: three fragments", s => Fragments(s, family, p => [p.Part(0, FragmentAttacks.Large), p.Part(FragmentAttacks.Large, FragmentAttacks.Large), p.Part(2 * FragmentAttacks.Large)])) { Arrives = [Near], Before = FragmentAttacks.Conversation(family) };
        yield return new(Family, $"{family}: three fragments, the last first", s => Fragments(s, family, p => [p.Part(2 * FragmentAttacks.Large), p.Part(FragmentAttacks.Large, FragmentAttacks.Large), p.Part(0, FragmentAttacks.Large)])) { Arrives = [Near], Before = FragmentAttacks.Conversation(family) };
        yield return new(Family, $"{family}: to another network's workload without its router, which only leaves the host", s => [s.Frame(s.Database.Mac, s.Ip(s.Near, family, IpProtocol.Udp, Datagram(s, family)))]) { Arrives = [AttackLab.Outside] };
        yield return new(Family, $"{family}: the answer to a question", s => [s.Udp(s.Far, family, AttackScene.Ephemeral, 53)])
        {
            From = Core,
            Before = [(Far, s => s.To(s.Core, s.Ip(s.Core, family, IpProtocol.Udp, Segment.Udp(s.Self.Of(family), s.Core.Of(family), AttackScene.Ephemeral, 53, [1]))))],
            Arrives = [Far, AttackLab.Outside],
        };
        foreach (var error in ConnectionAttacks.ErrorsAboutOwn(Family, family))
        {
            yield return error;
        }
    }

    private static byte[] Datagram(AttackScene s, IpFamily family) => Segment.Udp(s.Self.Of(family), s.Near.Of(family), AttackScene.Ephemeral, AttackScene.Permitted, s.Data);

    private static IEnumerable<byte[]> Fragments(AttackScene s, IpFamily family, Func<FragmentAttacks.Pieces, IEnumerable<byte[]>> cut) =>
        cut(new(s, family, IpProtocol.Udp, AttackScene.Permitted));
}
