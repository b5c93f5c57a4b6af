using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Integration.Attacks;

/// <summary>Packets made to be taken for part of a connection that nobody may have, or that is another's.</summary>
internal static class ConnectionAttacks
{
    private const ushort NameServer = 53;

    private static readonly ushort[] TrustedPorts = [20, 53, 67, 68, 80, 123, 179, 443, 546, 547, 5140];

    private static readonly TcpBits[] Flags =
    [
        TcpBits.None, TcpBits.Syn, TcpBits.Ack, TcpBits.Syn | TcpBits.Ack, TcpBits.Syn | TcpBits.Fin, TcpBits.Syn | TcpBits.Reset, TcpBits.Fin, TcpBits.Fin | TcpBits.Ack,
        TcpBits.Reset, TcpBits.Reset | TcpBits.Ack, TcpBits.Push | TcpBits.Ack, TcpBits.Fin | TcpBits.Push | TcpBits.Urgent, (TcpBits)0x3f, (TcpBits)0xc2,
    ];

    private const string ErrorFamily = "ICMP errors";

    public static IEnumerable<Attack> All => [.. Enum.GetValues<IpFamily>().SelectMany(f => (Attack[])[.. TcpFlags(f), .. SourcePorts(f), .. Replies(f), .. Errors(f), .. ErrorsAboutOthers(f)])];

    private static IEnumerable<Attack> TcpFlags(IpFamily family) =>
        from flags in Flags
        select new Attack("TCP flags", $"{family}: {(flags == TcpBits.None ? "none" : flags.ToString().Replace(", ", "+"))}", s => [s.Tcp(s.Near, family, AttackScene.Forbidden, flags), s.Tcp(s.App, family, 8080, flags)])
        {
            Claims = s => s.Connection(s.Near, family, IpProtocol.Tcp, AttackScene.Forbidden),
        };

    private static IEnumerable<Attack> SourcePorts(IpFamily family) =>
        from port in TrustedPorts
        select new Attack("Source ports", $"{family}: from port {port}", s =>
        [
            s.Udp(s.Near, family, AttackScene.Forbidden, port),
            s.Tcp(s.Near, family, AttackScene.Forbidden, TcpBits.Syn, port),
            s.Tcp(s.Near, family, AttackScene.Forbidden, TcpBits.Ack, port),
            s.Udp(s.Database, family, AttackScene.Forbidden, port),
        ])
        {
            Claims = s => s.Connection(s.Near, family, IpProtocol.Udp, AttackScene.Forbidden),
        };

    private static IEnumerable<Attack> Replies(IpFamily family)
    {
        const string about = "Replies to nothing";
        yield return new(about, $"{family}: as if from the database's port", s => [s.Tcp(s.App, family, AttackScene.Ephemeral, TcpBits.Ack, 5432), s.Tcp(s.App, family, AttackScene.Ephemeral, TcpBits.Syn | TcpBits.Ack, 5432)]) { From = "shop/db-1" };
        yield return new(about, $"{family}: as if from the log's port", s => [s.Udp(s.Far, family, AttackScene.Ephemeral, AttackScene.Permitted)]);
        yield return new(about, $"{family}: to another port than the connection's", s => [s.Udp(s.Far, family, AttackScene.Ephemeral + 1, NameServer)])
        {
            From = "platform/core-1",
            Before = [("shop/web-1", s => Question(s, family))],
        };
        yield return new(about, $"{family}: from another port than the connection's", s => [s.Udp(s.Far, family, AttackScene.Ephemeral, NameServer + 1)])
        {
            From = "platform/core-1",
            Before = [("shop/web-1", s => Question(s, family))],
        };
        yield return new(about, $"{family}: to a connection of another workload", s => [s.Udp(s.Near, family, AttackScene.Ephemeral, NameServer)])
        {
            Before = [("shop/web-2", s => Question(s, family))],
        };
        yield return new(about, $"{family}: echo reply", s => [s.To(s.Near, s.Ip(s.Near, family, Icmp(family), Segment.Icmp(s.Self.Of(family), s.Near.Of(family), family == IpFamily.IPv4 ? (byte)0 : (byte)129, 0, [0, 1, 0, 1, .. s.Data])))]);
    }

    /// <summary>ICMP errors and redirects about connections that are not, and questions that no rule names.</summary>
    private static IEnumerable<Attack> Errors(IpFamily family) =>
    [
        .. ErrorTypes(family).Select(e => new Attack(ErrorFamily, $"{family}: {e.Name}, about no connection", s => [Error(s, family, s.Near, e.Type, e.Code, s.Near, s.Database)])),
        .. ErrorTypes(family).Select(e => new Attack(ErrorFamily, $"{family}: {e.Name}, about a connection on another switch", s => [Error(s, family, s.App, e.Type, e.Code, s.App, s.Core)])
        {
            Before = [("shop/app-1", s => Question(s, family))],
        }),
        new(ErrorFamily, $"{family}: timestamp and information requests", s =>
            [.. new byte[] { 13, 15, 17, 139 }.Select(t => s.To(s.Near, s.Ip(s.Near, family, Icmp(family), Segment.Icmp(s.Self.Of(family), s.Near.Of(family), t, 0, [0, 1, 0, 1, .. s.Data]))))]),
    ];

    /// <summary>
    /// About a connection of others that is open on the attacker's own switch, addresses and ports all right, to either of its ends; and
    /// about one of the attacker's own, but to a third.
    /// </summary>
    private static IEnumerable<Attack> ErrorsAboutOthers(IpFamily family) =>
        from e in ErrorTypes(family)
        from attack in (Attack[])
        [
            new(ErrorFamily, $"{family}: {e.Name}, about another's connection", s => [Error(s, family, s.Near, e.Type, e.Code, s.Near, s.Core)]) { Before = [("shop/web-2", s => Question(s, family))] },
            new(ErrorFamily, $"{family}: {e.Name}, about another's connection, to its other end", s => [Error(s, family, s.Core, e.Type, e.Code, s.Core, s.Near, NameServer, AttackScene.Ephemeral)])
            {
                Before = [("shop/web-2", s => Question(s, family))],
            },
            new(ErrorFamily, $"{family}: {e.Name}, about an answer", s => [Error(s, family, s.Near, e.Type, e.Code, s.Near, s.Self, AttackScene.Permitted, AttackScene.Ephemeral)])
            {
                Before = [("shop/legacy-1", s => s.Udp(s.Near, family, AttackScene.Permitted))],
            },
            new(ErrorFamily, $"{family}: {e.Name}, about its own connection, to a third", s => [Error(s, family, s.Core, e.Type, e.Code, s.Near, s.Self, AttackScene.Permitted, AttackScene.Ephemeral)])
            {
                Before = [("shop/legacy-1", s => s.Udp(s.Near, family, AttackScene.Permitted))],
            },
        ]
        select attack;

    /// <summary>About a question, from the workload that it was sent to.</summary>
    public static IEnumerable<Attack> ErrorsAboutOwn(string control, IpFamily family) =>
        from e in ErrorTypes(family)
        select new Attack(control, $"{family}: {e.Name}, about a question", s => [Error(s, family, s.Near, e.Type, e.Code, s.Near, s.Core)])
        {
            From = "platform/core-1",
            Before = [("shop/web-2", s => Question(s, family))],
            Arrives = ["shop/web-2", AttackLab.Outside],
        };

    private static (string Name, byte Type, byte Code)[] ErrorTypes(IpFamily family) => family == IpFamily.IPv4
        ? [("unreachable", 3, 1), ("fragmentation needed", 3, 4), ("source quench", 4, 0), ("redirect", 5, 1), ("time exceeded", 11, 0), ("parameter problem", 12, 0)]
        : [("unreachable", 1, 3), ("packet too big", 2, 0), ("time exceeded", 3, 0), ("parameter problem", 4, 1)];

    /// <summary>A question to the name server, which opens a connection: from the sender, whose scene it is.</summary>
    private static byte[] Question(AttackScene s, IpFamily family) =>
        s.To(s.Core, s.Ip(s.Core, family, IpProtocol.Udp, Segment.Udp(s.Self.Of(family), s.Core.Of(family), AttackScene.Ephemeral, NameServer, [1, 2, 3, 4])));

    /// <param name="to">Who gets the error: the sender of the packet that it is about.</param>
    private static byte[] Error(AttackScene s, IpFamily family, AttackEnd to, byte type, byte code, AttackEnd innerFrom, AttackEnd innerTo, ushort fromPort = AttackScene.Ephemeral, ushort toPort = NameServer)
    {
        var inner = AttackScene.Packet(innerFrom.Of(family), innerTo.Of(family), IpProtocol.Udp, Segment.Udp(innerFrom.Of(family), innerTo.Of(family), fromPort, toPort, s.Data));
        var word = type == 5 ? s.Self.V4.ToBytes() : FrameBytes.Of(1280u);
        return s.To(to, s.Ip(to, family, Icmp(family), Segment.Icmp(s.Self.Of(family), to.Of(family), type, code, [.. word, .. inner])));
    }

    private static byte Icmp(IpFamily family) => family == IpFamily.IPv4 ? IpProtocol.Icmp : IpProtocol.IcmpV6;
}
