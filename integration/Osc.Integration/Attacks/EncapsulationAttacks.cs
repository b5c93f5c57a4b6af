using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Integration.Attacks;

/// <summary>Frames and packets inside others: VLAN tags, other EtherTypes, tunnels.</summary>
internal static class EncapsulationAttacks
{
    private const ushort Customer = 0x8100;
    private const ushort Service = 0x88a8;

    public static IEnumerable<Attack> All => [.. Tags(), .. EtherTypes(), .. Tunnels()];

    /// <summary>What would pass untagged, tagged: own and other networks' VLANs, VLAN 0, two tags.</summary>
    private static IEnumerable<Attack> Tags()
    {
        (string Name, (ushort, ushort)[] Tags)[] tags =
        [
            ("its own network's VLAN", [(Customer, 10)]),
            ("another network's VLAN", [(Customer, 20)]),
            ("VLAN 0, a priority tag", [(Customer, 0xe000)]),
            ("VLAN 4095", [(Customer, 4095)]),
            ("a service tag", [(Service, 10)]),
            ("a service tag over another network's VLAN", [(Service, 10), (Customer, 20)]),
            ("two customer tags", [(Customer, 10), (Customer, 20)]),
            ("two customer tags, VLAN 0 outside", [(Customer, 0), (Customer, 20)]),
            ("three tags", [(Service, 10), (Customer, 10), (Customer, 20)]),
            ("an old service tag", [(0x9100, 10)]),
        ];
        foreach (var (name, stack) in tags)
        {
            yield return new("VLAN tags", name, s =>
            [
                EthernetFrame.Tagged(s.Udp(s.Near, IpFamily.IPv4, AttackScene.Permitted), stack),
                EthernetFrame.Tagged(s.Udp(s.Near, IpFamily.IPv6, AttackScene.Permitted), stack),
                EthernetFrame.Tagged(s.Frame(s.Database.Mac, s.Ip(s.Database, IpFamily.IPv4, IpProtocol.Udp, Segment.Udp(s.Self.V4, s.Database.V4, AttackScene.Ephemeral, 5432, s.Data))), stack),
                EthernetFrame.Tagged(AddressAttacks.ArpFrame(s, 1, s.Self.Mac, s.Self.V4, s.Near.V4), stack),
            ]);
        }
    }

    private static IEnumerable<Attack> EtherTypes()
    {
        (string Name, ushort Type)[] types =
        [
            ("LLDP", 0x88cc), ("MPLS", 0x8847), ("MPLS multicast", 0x8848), ("PPPoE discovery", 0x8863), ("PPPoE session", 0x8864), ("802.1X", 0x888e), ("MACsec", 0x88e5), ("NSH", 0x894f),
            ("transparent bridging (GRE)", 0x6558), ("Ethernet loopback", 0x9000), ("local experiment", 0x88b5), ("ERSPAN", 0x88be), ("FCoE", 0x8906), ("IPX", 0x8137), ("AppleTalk ARP", 0x80f3), ("batman", 0x4305),
            ("Wake-on-LAN", 0x0842), ("flow control", 0x8808), ("link aggregation", 0x8809),
        ];
        foreach (var (name, type) in types)
        {
            yield return new("Other EtherTypes", name, s =>
            [
                EthernetFrame.Of(s.Near.Mac, s.Self.Mac, type, s.Data), EthernetFrame.Of(EthernetFrame.Broadcast, s.Self.Mac, type, s.Data),
                EthernetFrame.Of(s.Near.Mac, s.Self.Mac, type, s.Ip(s.Near, IpFamily.IPv4, IpProtocol.Udp, Segment.Udp(s.Self.V4, s.Near.V4, 1, AttackScene.Permitted, s.Data))),
            ]);
        }

        // IEEE 802.3 with a length in place of a type, and LLC (802.2) behind it.
        yield return new("Other EtherTypes", "spanning tree", s => [EthernetFrame.Of(MacAddress.Parse("01:80:c2:00:00:00"), s.Self.Mac, 43, [0x42, 0x42, 3, .. new byte[32], .. s.Data])]);
        yield return new("Other EtherTypes", "LLC", s => [EthernetFrame.Of(s.Near.Mac, s.Self.Mac, 11, [0xf0, 0xf0, 3, .. s.Data])]);
        yield return new("Other EtherTypes", "IPv4 in LLC and SNAP, to a forbidden port", s =>
        {
            var packet = s.Ip(s.Near, IpFamily.IPv4, IpProtocol.Udp, Segment.Udp(s.Self.V4, s.Near.V4, AttackScene.Ephemeral, AttackScene.Forbidden, s.Data));
            return [EthernetFrame.Of(s.Near.Mac, s.Self.Mac, (ushort)(packet.Length + 8), [0xaa, 0xaa, 3, 0, 0, 0, .. FrameBytes.Of(EthernetFrame.IPv4), .. packet])];
        });
        yield return new("Other EtherTypes", "CDP in LLC and SNAP", s => [EthernetFrame.Of(MacAddress.Parse("01:00:0c:cc:cc:cc"), s.Self.Mac, 16, [0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, .. s.Data])]);
    }

    /// <summary>A permitted packet to the victim, wrapped in one that no rule names; and other protocols without ports.</summary>
    private static IEnumerable<Attack> Tunnels()
    {
        (string Name, byte Protocol, byte[] Header)[] tunnels =
        [
            ("IP in IP", 4, []), ("IPv6 in IP", 41, []), ("GRE", 47, [0, 0, 8, 0]), ("GRE, Ethernet", 47, [0, 0, 0x65, 0x58]), ("ESP", 50, [0, 0, 0, 1, 0, 0, 0, 1]),
            ("OSPF", 89, [2, 1, 0, 44]), ("VRRP", 112, [0x31, 1, 100, 1]), ("L2TP", 115, [0, 0, 0, 1]), ("SCTP", 132, [0x9c, 0x40, 0x27, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0]),
            ("UDP-Lite", 136, [0x9c, 0x40, 0x27, 0x0f, 0, 8, 0, 0]), ("DCCP", 33, [0x9c, 0x40, 0x27, 0x0f, 4, 0, 0, 0]), ("an unknown protocol", 253, []), ("protocol 255", 255, []), ("IGMP", 2, [0x16, 0, 0, 0, 224, 0, 0, 9]),
        ];
        return
            from t in tunnels
            from family in Enum.GetValues<IpFamily>()
            select new Attack("Tunnels and other protocols", $"{family}: {t.Name}", s =>
            {
                byte[] payload = [.. t.Header, .. AttackScene.Packet(s.Self.V4, s.Near.V4, IpProtocol.Udp, Segment.Udp(s.Self.V4, s.Near.V4, 1, AttackScene.Permitted, s.Data))];
                return [s.To(s.Near, s.Ip(s.Near, family, t.Protocol, payload)), s.To(s.Database, s.Ip(s.Database, family, t.Protocol, payload))];
            })
            {
                Claims = s => s.Connection(s.Near, family, t.Protocol, t.Protocol == IpProtocol.Sctp ? AttackScene.Forbidden : (ushort)0),
            };
    }
}
