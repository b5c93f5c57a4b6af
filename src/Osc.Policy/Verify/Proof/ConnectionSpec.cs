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
}

/// <summary>What shall become of tracked packets.</summary>
internal sealed record Tracked(TrackedKind Kind, ServiceForm Form = ServiceForm.None);

/// <summary>
/// After connection tracking: invalid packets are dropped, what is open under the current epoch goes on, all else is decided.
/// SCTP is decided packet by packet, by its own ports.
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

    /// <summary>IP packets in every state that connection tracking gives.</summary>
    public static readonly PacketCube Packets = PacketCube.All
        .Narrow(Constraint.In(Field.EthType, new(0x0800, 0x0800), new(0x86dd, 0x86dd)))!
        .Narrow(States(New, Established, EstablishedReply, Related, RelatedReply, Invalid))!; // neither is empty

    /// <summary>Those that may be decided.</summary>
    public static readonly PacketCube ValidPackets = Packets.Exclude(States(Invalid))!; // others are left

    public static CubeList<Tracked> Of(uint mark)
    {
        var sctp = Constraint.Is(Field.IpProto, IpProtocol.Sctp);
        return new(
        [
            ([States(Invalid)], new(TrackedKind.Drop)),
            ([sctp, States(EstablishedReply, RelatedReply)], new(TrackedKind.Decide, ServiceForm.SctpReply)),
            ([sctp], new(TrackedKind.Decide, ServiceForm.SctpRequest)),
            ([States(Established, EstablishedReply, Related, RelatedReply), Constraint.Of(new(Field.CtMark, mark & ConnectionMark.EpochMask, ConnectionMark.EpochMask))], new(TrackedKind.Deliver)),
            ([IPv4, Constraint.Is(Field.CtNwProto, IpProtocol.Icmp)], new(TrackedKind.Decide, ServiceForm.Icmp)),
            ([IPv6, Constraint.Is(Field.CtNwProto, IpProtocol.IcmpV6)], new(TrackedKind.Decide, ServiceForm.Icmp)),
            ([], new(TrackedKind.Decide, ServiceForm.Port)),
        ]);
    }

    public static Constraint States(params uint[] states) => Constraint.In(Field.CtState, [.. states.Select(s => new Interval<UInt128>(s, s))]);
}
