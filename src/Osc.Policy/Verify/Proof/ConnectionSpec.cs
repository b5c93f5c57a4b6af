using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>What shall become of a tracked packet.</summary>
internal enum TrackedKind
{
    Drop,

    /// <summary>Its connection is open: it goes on.</summary>
    Deliver,

    /// <summary>Policy is asked, with the service in a form.</summary>
    Decide,

    /// <summary>The spoof guard is asked whether the packet that it reports was sent to its port.</summary>
    Ask,
}

/// <summary>What shall become of tracked packets.</summary>
internal sealed record Tracked(TrackedKind Kind, ServiceForm Form = ServiceForm.None);

/// <summary>
/// After connection tracking: invalid packets are dropped, what is open under the current epoch goes on, all else is decided.
/// SCTP is decided packet by packet, by its own ports. ICMP errors in the first
/// direction, about answers, go on only from outside and only while their connection is open under the epoch; for those in the other from
/// local ports the spoof guard is asked.
/// </summary>
internal static class ConnectionSpec
{
    public const uint New = 0x21;
    public const uint Established = 0x22;
    public const uint EstablishedReply = 0x2a;
    public const uint Related = 0x24;
    public const uint RelatedReply = 0x2c;
    public const uint Invalid = 0x30;

    private static readonly Constraint IPv4 = Constraint.Is(Field.EthType, 0x0800);
    private static readonly Constraint IPv6 = Constraint.Is(Field.EthType, 0x86dd);

    private static readonly (Constraint[], Tracked)[] None = [];
    private static readonly PacketCube IpPackets = PacketCube.All.Narrow(Constraint.In(Field.EthType, new(0x0800, 0x0800), new(0x86dd, 0x86dd)))!; // there are such

    /// <summary>IP packets in every state that connection tracking gives, but for ICMP errors.</summary>
    public static readonly PacketCube Packets = IpPackets.Narrow(States(New, Established, EstablishedReply, Invalid))!; // neither is empty

    /// <summary>All that may be decided.</summary>
    public static readonly PacketCube ValidPackets = IpPackets.Narrow(States(New, Established, EstablishedReply, Related, RelatedReply))!; // neither is empty

    /// <summary>ICMP errors, which alone are related to a connection: none of them is a message of neighbour discovery.</summary>
    public static readonly PacketCube Errors = IpPackets
        .Narrow(States(Related, RelatedReply))!
        .Narrow(Constraint.In(Field.IpProto, new(IpProtocol.Icmp, IpProtocol.Icmp), new(IpProtocol.IcmpV6, IpProtocol.IcmpV6)))!
        .Narrow(Constraint.In(Field.Icmpv6Type, new Interval<UInt128>(0, 132)))!; // there are such

    /// <param name="fromLocal">Whether the packets come from a local port.</param>
    /// <param name="asked">Whether the spoof guard has let them through once more.</param>
    public static CubeList<Tracked> Of(uint mark, bool fromLocal, bool asked = false)
    {
        var sctp = Constraint.Is(Field.IpProto, IpProtocol.Sctp);
        return new(
        [
            ([States(Invalid)], new(TrackedKind.Drop)),
            ([sctp, States(EstablishedReply, RelatedReply)], new(TrackedKind.Decide, ServiceForm.SctpReply)),
            ([sctp], new(TrackedKind.Decide, ServiceForm.SctpRequest)),
            .. fromLocal ? [([States(Related)], new Tracked(TrackedKind.Drop))] : None,
            .. fromLocal && !asked ? [([States(RelatedReply)], new Tracked(TrackedKind.Ask))] : None,
            ([States(Established, EstablishedReply, Related, RelatedReply), Constraint.Of(new(Field.CtMark, mark & ConnectionMark.EpochMask, ConnectionMark.EpochMask))], new(TrackedKind.Deliver)),
            ([States(Related)], new(TrackedKind.Drop)),
            ([IPv4, Constraint.Is(Field.CtNwProto, IpProtocol.Icmp)], new(TrackedKind.Decide, ServiceForm.Icmp)),
            ([IPv6, Constraint.Is(Field.CtNwProto, IpProtocol.IcmpV6)], new(TrackedKind.Decide, ServiceForm.Icmp)),
            ([], new(TrackedKind.Decide, ServiceForm.Port)),
        ]);
    }

    public static Constraint States(params uint[] states) => Constraint.In(Field.CtState, [.. states.Select(s => new Interval<UInt128>(s, s))]);
}
