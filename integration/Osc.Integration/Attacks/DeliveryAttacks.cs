using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Integration.Attacks;

/// <summary>Packets that may go to one, in frames to another; and packets to many.</summary>
internal static class DeliveryAttacks
{
    public static IEnumerable<Attack> All => [.. Enum.GetValues<IpFamily>().SelectMany(Frames), .. ToMany()];

    /// <summary>Each carries a packet that policy lets go to its address.</summary>
    private static IEnumerable<Attack> Frames(IpFamily family)
    {
        (string Name, Func<AttackScene, MacAddress> FrameTo)[] wrong =
        [
            ("all", _ => EthernetFrame.Broadcast),
            ("a multicast group", _ => MacAddress.Parse("01:00:5e:00:00:01")),
            ("an IPv6 multicast group", _ => MacAddress.Parse("33:33:00:00:00:01")),
        ];
        foreach (var (name, frameTo) in wrong)
        {
            yield return new("Frames to others", $"{family}: a permitted packet in a frame to {name}", s => [Permitted(s, family, s.Near, frameTo(s)), Permitted(s, family, s.Far, frameTo(s))]);
        }

        yield return new("Frames to others", $"{family}: a permitted packet in a frame to a third on the same switch", s => [Permitted(s, family, s.Far, s.Near.Mac)]);
        yield return new("Frames to others", $"{family}: to another network's workload without its router", s =>
            [s.Frame(s.Database.Mac, s.Ip(s.Database, family, IpProtocol.Udp, Segment.Udp(s.Self.Of(family), s.Database.Of(family), AttackScene.Ephemeral, AttackScene.Forbidden, s.Data)))]);
        yield return new("Frames to others", $"{family}: a permitted packet back to its sender", s => [Permitted(s, family, s.Near, s.Self.Mac)]);
    }

    private static IEnumerable<Attack> ToMany()
    {
        const string family = "Packets to many";
        string[] groups = ["224.0.0.1", "224.0.0.251", "239.255.255.250", "232.1.1.1", "255.255.255.255", "10.10.0.255", "10.20.0.255", "ff02::1", "ff02::2", "ff02::fb", "ff02::1:3", "ff05::1", "ff0e::1234"];
        foreach (var group in groups.Select(IpAddress.Parse))
        {
            yield return new(family, $"to {group}", s =>
            {
                var self = s.Self.Of(group.Family);
                byte[] Packet(ushort port) => AttackScene.Packet(self, group, IpProtocol.Udp, Segment.Udp(self, group, AttackScene.Ephemeral, port, s.Data));
                return [s.Frame(EthernetFrame.GroupOf(group), Packet(AttackScene.Permitted)), s.Frame(s.Near.Mac, Packet(AttackScene.Permitted)), s.Frame(s.Self.NextHop, Packet(AttackScene.Forbidden))];
            });
        }

        yield return new(family, "echo request to all", s =>
            [s.Frame(EthernetFrame.Broadcast, AttackScene.Packet(s.Self.V4, s.Self.Subnet.Last, IpProtocol.Icmp, Segment.Icmp(s.Self.V4, s.Self.Subnet.Last, 8, 0, [0, 1, 0, 1, .. s.Data])))]);
        yield return new(family, "group membership report", s =>
            [s.Frame(MacAddress.Parse("01:00:5e:00:00:16"), AttackScene.Packet(s.Self.V4, IpAddress.Parse("224.0.0.22"), 2, [0x22, 0, 0, 0, 0, 0, 0, 1, .. s.Data]))]);
        yield return new(family, "name service to all", s => [s.Frame(EthernetFrame.Broadcast, AttackScene.Packet(s.Self.V4, IpAddress.FromIPv4(uint.MaxValue), IpProtocol.Udp, Segment.Udp(s.Self.V4, IpAddress.FromIPv4(uint.MaxValue), 137, 137, s.Data)))]);
    }

    private static byte[] Permitted(AttackScene s, IpFamily family, AttackEnd to, MacAddress frameTo) =>
        s.Frame(frameTo, s.Ip(to, family, IpProtocol.Udp, Segment.Udp(s.Self.Of(family), to.Of(family), AttackScene.Ephemeral, AttackScene.Permitted, s.Data)));
}
