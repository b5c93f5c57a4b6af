using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Integration.Attacks;

/// <summary>Frames that a workload sends though nothing allows it, or, among the controls, that something does allow.</summary>
/// <param name="Family">What it is about: a row of docs/security.md.</param>
/// <param name="Name">What is tried; unique.</param>
/// <param name="Frames">The frames, each with the scene's mark somewhere in it.</param>
internal sealed record Attack(string Family, string Name, Func<AttackScene, IEnumerable<byte[]>> Frames)
{
    /// <summary>The workload that sends.</summary>
    public string From { get; init; } = "shop/legacy-1";

    /// <summary>Frames of other workloads, sent before: what opens a connection. They bear no mark.</summary>
    public IReadOnlyList<(string From, Func<AttackScene, byte[]> Frame)> Before { get; init; } = [];

    /// <summary>The connection that the frames claim to belong to, where they claim one: policy says whether it may be.</summary>
    public Func<AttackScene, Connection>? Claims { get; init; }

    /// <summary>Of a control: the places that the frames come to.</summary>
    public IReadOnlyList<string> Arrives { get; init; } = [];
}

/// <summary>A workload's interface, as the frames of an attack name it.</summary>
/// <param name="NextHop">The MAC address of the router in its network.</param>
internal sealed record AttackEnd(string Name, MacAddress Mac, IpAddress V4, IpAddress V6, MacAddress NextHop, Prefix Subnet, QualifiedName Vrf)
{
    public IpAddress Of(IpFamily family) => family == IpFamily.IPv4 ? V4 : V6;

    /// <summary>Where a packet to another goes first: to itself in the same network, else to the router.</summary>
    public MacAddress Towards(AttackEnd other) => other.Subnet == Subnet ? other.Mac : NextHop;
}

/// <summary>Who is there, and this attack's mark.</summary>
/// <param name="Self">Who sends.</param>
/// <param name="Old">shop/legacy-1, who sends in most scenes.</param>
/// <param name="Near">On the same switch and in the same network as shop/legacy-1, which may send it udp/5140 and pings.</param>
/// <param name="Far">In the same network, behind the other switch.</param>
/// <param name="App">In another network, on the other host.</param>
/// <param name="Database">In another network, on the attacker's switch.</param>
/// <param name="Core">The name server, in a third network.</param>
internal sealed record AttackScene(FrameMark Mark, AttackEnd Self, AttackEnd Old, AttackEnd Near, AttackEnd Far, AttackEnd App, AttackEnd Database, AttackEnd Core)
{
    /// <summary>What legacy-1 may send to <see cref="Near"/> and <see cref="Far"/>.</summary>
    public const ushort Permitted = 5140;

    /// <summary>What no rule names.</summary>
    public const ushort Forbidden = 9999;

    public const ushort Ephemeral = 40000;

    /// <summary>The mark's bytes.</summary>
    public byte[] Data => Mark.ToBytes();

    /// <summary>An IPv4 or IPv6 packet in a frame from the sender's own MAC address.</summary>
    public byte[] Frame(MacAddress destination, byte[] packet) =>
        EthernetFrame.Of(destination, Self.Mac, (packet[0] >> 4) == 6 ? EthernetFrame.IPv6 : EthernetFrame.IPv4, packet);

    /// <summary>The same with the mark behind the packet, for packets that have no room for it.</summary>
    public byte[] Trailed(MacAddress destination, byte[] packet) =>
        EthernetFrame.Of(destination, Self.Mac, (packet[0] >> 4) == 6 ? EthernetFrame.IPv6 : EthernetFrame.IPv4, packet, Data);

    /// <summary>From the sender to another, by the way that it takes.</summary>
    public byte[] To(AttackEnd other, byte[] packet) => Frame(Self.Towards(other), packet);

    public byte[] Udp(AttackEnd to, IpFamily family, ushort port, ushort from = Ephemeral) =>
        To(to, Ip(to, family, IpProtocol.Udp, Segment.Udp(Self.Of(family), to.Of(family), from, port, Data)));

    public byte[] Tcp(AttackEnd to, IpFamily family, ushort port, TcpBits bits, ushort from = Ephemeral) =>
        To(to, Ip(to, family, IpProtocol.Tcp, Segment.Tcp(Self.Of(family), to.Of(family), from, port, bits, Data)));

    /// <summary>A packet of the sender's, IPv4 or IPv6 as told.</summary>
    public byte[] Ip(AttackEnd to, IpFamily family, byte protocol, byte[] payload) => Packet(Self.Of(family), to.Of(family), protocol, payload);

    /// <summary>A packet of the family of its addresses.</summary>
    public static byte[] Packet(IpAddress source, IpAddress destination, byte protocol, byte[] payload) => source.IsIPv4 && destination.IsIPv4
        ? new Ipv4Packet(source, destination, protocol, payload).ToBytes()
        : new Ipv6Packet(source, destination, protocol, payload).ToBytes();

    public Connection Connection(AttackEnd to, IpFamily family, byte protocol, ushort port) =>
        new(Self.Vrf, Self.Of(family), to.Of(family), protocol, port);
}
