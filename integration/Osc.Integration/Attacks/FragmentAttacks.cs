using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Integration.Attacks;

/// <summary>Fragments that hide what they carry, or never become a packet (RFC 1858, RFC 3128, RFC 5722).</summary>
internal static class FragmentAttacks
{
    private const string Family = "IP fragments";
    private const byte Sctp = 132;

    /// <summary>
    /// Open vSwitch's userspace datapath takes no fragment of less than 1,200 (IPv4) or 1,280 bytes but the last
    /// (ovs-appctl(8), ipf-set-min-frag): smaller ones are an attack of their own.
    /// </summary>
    public const int Large = 1280;

    /// <summary>What a packet carries: room for three large parts.</summary>
    private const int PayloadBytes = 3 * Large;

    public static IEnumerable<Attack> All => [.. Enum.GetValues<IpFamily>().SelectMany(Of), .. OfIpv6()];

    /// <summary>
    /// A datagram and its answer, so that a connection is open: only then do fragments pass. The switch knows the ports of a later
    /// fragment's connection by that alone.
    /// </summary>
    public static IReadOnlyList<(string From, Func<AttackScene, byte[]> Frame)> Conversation(IpFamily family) =>
    [
        ("shop/legacy-1", s => s.To(s.Near, s.Ip(s.Near, family, IpProtocol.Udp, Segment.Udp(s.Self.Of(family), s.Near.Of(family), AttackScene.Ephemeral, AttackScene.Permitted, [1])))),
        ("shop/web-2", s => s.To(s.Old, s.Ip(s.Old, family, IpProtocol.Udp, Segment.Udp(s.Self.Of(family), s.Old.Of(family), AttackScene.Permitted, AttackScene.Ephemeral, [1])))),
    ];

    private static IEnumerable<Attack> Of(IpFamily family)
    {
        Attack Whole(string name, Func<AttackScene, Pieces, IEnumerable<byte[]>> frames, byte protocol = IpProtocol.Udp) =>
            new(Family, $"{family}: {name}", s => frames(s, new(s, family, protocol, AttackScene.Forbidden)))
            {
                Claims = s => s.Connection(s.Near, family, protocol, AttackScene.Forbidden),
            };

        // Parts of two datagrams with one identification: ports that are allowed, and ones that are not.
        Attack Mixed(string name, Func<AttackScene, Pieces, Pieces, IEnumerable<byte[]>> frames, byte protocol = IpProtocol.Udp) =>
            new(Family, $"{family}: {name}", s => frames(s, new(s, family, protocol, AttackScene.Permitted, isMarked: false), new(s, family, protocol, AttackScene.Forbidden)))
            {
                Before = Conversation(family),
            };

        return
        [
            Whole("to a forbidden port, in order", (_, p) => [p.Part(0, Large), p.Part(Large, Large), p.Part(2 * Large)]),
            Whole("to a forbidden port, last part first", (_, p) => [p.Part(2 * Large), p.Part(Large, Large), p.Part(0, Large)]),
            Whole("to a forbidden port, parts of 8 bytes", (_, p) => [p.Part(0, 8), p.Part(8, 8), p.Part(16, 8), p.Part(24, Large), p.Part(24 + Large, Large)]),
            Whole("first part alone", (_, p) => [p.Part(0, Large)]),
            Whole("last part alone", (_, p) => [p.Part(2 * Large)]),
            Whole("TCP, ports and flags apart", (_, p) => [p.Part(0, 8), p.Part(8, Large), p.Part(8 + Large, Large)], IpProtocol.Tcp),
            Whole("TCP, first part alone, 8 bytes", (_, p) => [p.Part(0, 8)], IpProtocol.Tcp),
            Whole("SCTP to a forbidden port", (_, p) => [p.Part(0, Large), p.Part(Large, Large), p.Part(2 * Large)], Sctp),
            Mixed("ports written over by a second first part", (_, good, evil) => [good.Part(0, Large), evil.Part(0, Large), evil.Part(Large, Large), evil.Part(2 * Large)]),
            Mixed("ports written over by a smaller first part", (_, good, evil) => [good.Part(0, Large), evil.Part(0, 8), evil.Part(Large, Large), evil.Part(2 * Large)]),
            Mixed("ports written over after the last part", (_, good, evil) => [evil.Part(Large, Large), evil.Part(2 * Large), good.Part(0, Large), evil.Part(0, Large)]),
            Mixed("flags written over at offset 8", (_, good, evil) => [good.Part(0, Large), evil.Part(8, Large), evil.Part(2 * Large)], IpProtocol.Tcp),
            Mixed("overlap by half a part", (_, good, evil) => [good.Part(0, Large), evil.Part(Large / 2, Large), evil.Part(Large / 2 * 3, Large), evil.Part(2 * Large)]),
        ];
    }

    private static IEnumerable<Attack> OfIpv6()
    {
        var family = IpFamily.IPv6;
        yield return new(Family, "IPv6: one fragment that is the whole packet, to a forbidden port", s => [s.Frame(s.Near.Mac, (Datagram(s) with { Payload = Segment.Udp(s.Self.V6, s.Near.V6, AttackScene.Ephemeral, AttackScene.Forbidden, s.Data) }).Fragment(s.Mark.Number, 0).ToBytes())])
        {
            Claims = s => s.Connection(s.Near, family, IpProtocol.Udp, AttackScene.Forbidden),
        };
        yield return new(Family, "IPv6: ports behind options, in the second part", s =>
        {
            // 255 options of nothing fill the first part.
            var packet = Datagram(s).With(Ipv6Packet.DestinationOptions, new byte[Large - 2]);
            return [s.Trailed(s.Near.Mac, packet.Fragment(s.Mark.Number, 0, Large).ToBytes()), s.Frame(s.Near.Mac, packet.Fragment(s.Mark.Number, Large, Large).ToBytes()), s.Frame(s.Near.Mac, packet.Fragment(s.Mark.Number, 2 * Large).ToBytes())];
        });
        yield return new(Family, "IPv6: a fragment of a fragment", s =>
        {
            var inner = Datagram(s).Fragment(s.Mark.Number, 0);
            return [s.Frame(s.Near.Mac, inner.Fragment(s.Mark.Number + 1, 0, Large).ToBytes()), s.Frame(s.Near.Mac, inner.Fragment(s.Mark.Number + 1, Large).ToBytes())];
        });
        yield return new(Family, "IPv6: parts that name different next headers", s =>
        {
            var udp = Datagram(s);
            var first = udp.Fragment(s.Mark.Number, 0, Large);
            var second = (udp with { NextHeader = IpProtocol.Tcp }).Fragment(s.Mark.Number, Large);
            return [s.Frame(s.Near.Mac, first.ToBytes()), s.Frame(s.Near.Mac, second.ToBytes())];
        });
    }

    private static Ipv6Packet Datagram(AttackScene s) =>
        new(s.Self.V6, s.Near.V6, IpProtocol.Udp, Segment.Udp(s.Self.V6, s.Near.V6, AttackScene.Ephemeral, AttackScene.Forbidden, Marks(s.Mark, 2 * Large - 8)));

    /// <summary>The mark again and again.</summary>
    private static byte[] Marks(FrameMark mark, int bytes) => [.. Enumerable.Repeat(mark.ToBytes(), bytes / FrameMark.Length).SelectMany(b => b)];

    /// <summary>A packet to a port of the victim, full of marks, to be cut up. A part that has no room for one has it behind, as padding.</summary>
    public sealed class Pieces
    {
        private readonly AttackScene scene;
        private readonly AttackEnd to;
        private readonly IpFamily family;
        private readonly byte protocol;
        private readonly byte[] payload;
        private readonly bool isMarked;

        public Pieces(AttackScene scene, IpFamily family, byte protocol, ushort port, bool isMarked = true, AttackEnd? to = null)
        {
            this.scene = scene;
            this.to = to ?? scene.Near;
            this.family = family;
            this.protocol = protocol;
            this.isMarked = isMarked;
            var (source, destination) = (scene.Self.Of(family), this.to.Of(family));
            var data = isMarked ? Marks(scene.Mark, PayloadBytes - 24) : new byte[PayloadBytes - 24];
            payload = protocol switch
            {
                IpProtocol.Tcp => Segment.Tcp(source, destination, AttackScene.Ephemeral, port, TcpBits.Syn, [0, 0, 0, 0, .. data]),
                IpProtocol.Udp => Segment.Udp(source, destination, AttackScene.Ephemeral, port, [.. new byte[16], .. data]),
                _ => [.. FrameBytes.Of(AttackScene.Ephemeral), .. FrameBytes.Of(port), .. new byte[20], .. data],
            };
        }

        /// <param name="length">In bytes; null: up to the end.</param>
        public byte[] Part(int offset, int? length = null)
        {
            var packet = family == IpFamily.IPv4
                ? (new Ipv4Packet(scene.Self.V4, to.V4, protocol, payload) { Identification = (ushort)scene.Mark.Number }).Fragment(offset, length).ToBytes()
                : new Ipv6Packet(scene.Self.V6, to.V6, protocol, payload).Fragment(scene.Mark.Number, offset, length).ToBytes();
            return isMarked && length < FrameMark.Length * 2 ? scene.Trailed(scene.Self.Towards(to), packet) : scene.To(to, packet);
        }
    }
}
