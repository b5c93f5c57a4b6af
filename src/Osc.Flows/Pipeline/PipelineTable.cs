namespace Osc.Flows.Pipeline;

/// <summary>
/// The tables of the pipeline, as data: what each is for, what its flows may match, and where they may send a packet on.
/// Flows are held against it by a test, and docs/pipeline.md is printed from it. To add a table: declare it here, in packet
/// order, name it in the Next of those that lead to it, and raise <see cref="FlowCookie.LayoutVersion"/>.
/// </summary>
public sealed record PipelineTable(byte Id, string Name, string Purpose, IReadOnlyList<Field> Matches, IReadOnlyList<byte> Next)
{
    public const byte OutTiers = 10;
    public const byte InTiers = 20;
    public const int Tiers = 5;

    private const byte ForwardId = 50;

    private static readonly IReadOnlyList<Field> Arrival = [Field.InPort, Field.EthSrc, Field.VlanVid, Field.TunnelId];

    private static readonly IReadOnlyList<Field> OwnAddresses =
    [
        Field.InPort, Field.EthType, Field.IpProto, Field.IpTtl, Field.Ipv4Src, Field.Ipv6Src, Field.ArpOp, Field.ArpSpa, Field.ArpSha,
        Field.UdpSrc, Field.UdpDst, Field.Icmpv6Type, Field.Icmpv6Code, Field.NdTarget, Field.NdSll, Field.NdTll,
    ];

    private static readonly IReadOnlyList<Field> Dispatching =
    [
        Registers.Flags, Registers.Network, Registers.Zone, Field.EthType, Field.IpProto, Field.IpTtl, Field.Ipv4Dst, Field.Ipv6Dst,
        Field.UdpSrc, Field.UdpDst, Field.Icmpv6Type,
    ];

    private static readonly IReadOnlyList<Field> Deciding =
    [
        Registers.SourceClass, Registers.SourceOwner, Registers.DestinationClass, Registers.DestinationOwner, Registers.Service, Registers.Flags, Field.ConjunctionId,
        Field.EthType, Field.CtState, Field.CtLabel, Field.CtNwSrc, Field.CtNwDst, Field.CtIpv6Src, Field.CtIpv6Dst,
    ];

    public static readonly PipelineTable Ingress = new(
        0, "Ingress", "By port: the network and vrf of the frame. A local port passes only its own MAC, untagged; an uplink only tags of networks that are here. An appliance's port gives back what was sent through it; a tunnel brings what is to go through an appliance here, or has been through one there.", Arrival, [1, 2, 43, 45]);

    public static readonly PipelineTable SpoofGuard = new(
        1, "SpoofGuard", "By local port: only the interface's own addresses, in IP, ARP and neighbour discovery. Asked once more by Connection, of an ICMP error: whether the packet that it reports was sent to this port.", OwnAddresses, [2, ForwardId]);

    public static readonly PipelineTable Dispatch = new(
        2, "Dispatch", "ARP and neighbour discovery from outside and DHCP clients' questions go straight on; multicast and broadcast only where the network allows it; all other IP is tracked. What the spoof guard was asked goes back to Connection.", Dispatching, [3, 40, ForwardId]);

    public static readonly PipelineTable Connection = new(
        3,
        "Connection",
        "What is established under the current epoch goes on, save SCTP and what a later change may concern. Everything else is decided. ICMP errors from local ports only if they report a packet that was sent there.",
        [Registers.Flags, Field.CtState, Field.CtMark, Field.CtLabel, Field.EthType, Field.IpProto],
        [1, 4, 5, 10, 40]);

    public static readonly PipelineTable Classify = new(
        4,
        "Classify",
        "What is to be decided: both original addresses are identified, the service key is made.",
        [Field.CtState, Field.EthType, Field.CtNwProto],
        [5, 10]);

    public static readonly PipelineTable Identify = new(
        5,
        "Identify",
        "A subroutine: the address in xxreg3 to its class and, if a local workload has it, its tenant. A flow a prefix, longest first.",
        [Registers.Zone, .. Field.Registers.Skip(12)],
        []);

    public static readonly PipelineTable OutDefault = new(15, "OutDefault", "The default action of the source's tenant.", [Registers.SourceOwner], [20]);

    public static readonly PipelineTable InDefault = new(25, "InDefault", "The default action of the destination's tenant.", [Registers.DestinationOwner], [30]);

    public static readonly PipelineTable Commit = new(
        30,
        "Commit",
        "Enters the connection: epoch and step in ct_mark, the deciding rules and what else a later change may ask for in ct_label.",
        [Field.CtState, Field.EthType],
        [40]);

    public static readonly PipelineTable Reject = new(35, "Reject", "Connections that a rule rejects. The packet goes no further; the agent gets as many as a meter lets pass, and tells the sender.", [Field.EthType], []);

    public static readonly PipelineTable DeliveryGuard = new(
        40,
        "DeliveryGuard",
        "The spoof guard's twin: a frame to a local interface's MAC carries a packet to one of its addresses, and a frame to many a packet to many. Notes what leaves only to come back.",
        [Registers.Flags, Registers.Network, Registers.SourceOwner, Registers.DestinationOwner, Field.EthDst, Field.EthType, Field.Ipv4Dst, Field.Ipv6Dst],
        [41]);

    public static readonly PipelineTable Inspect = new(
        41,
        "Inspect",
        "Which chains the connection goes through, and at which end of them the packet begins. Most go through none.",
        [Registers.OutRule, Registers.InRule, Registers.Flags],
        [42, ForwardId]);

    public static readonly PipelineTable Lane = new(
        42, "Lane", "Tags the frame, so that the switch knows it when an appliance gives it back.", [Registers.Leg, Registers.Network], [43]);

    public static readonly PipelineTable Hop = new(43, "Hop", "Which ports lead to the next hop and back, and whether they are live.", [Registers.Leg, Field.TunnelId], [44]);

    public static readonly PipelineTable Divert = new(
        44,
        "Divert",
        "Sends the frame to the appliance. A hop that is down is passed by, or ends the packet's way, as its onFailure says.",
        [Registers.Leg, Registers.HopPorts, Field.TunnelId],
        [43, 45]);

    public static readonly PipelineTable Return = new(
        45, "Return", "The frame has been through all hops: its tag goes, its network and flags are what they were, and it is delivered. One of another host goes back there.", [Registers.Leg, Field.VlanVid], [40]);

    public static readonly PipelineTable Forward = new(
        ForwardId, "Forward", "By network and MAC: out of a local port, to all of the network, or to its uplinks.", [Registers.Flags, Registers.Network, Field.EthDst], []);

    /// <summary>The tables of the out side, one a tier.</summary>
    public static readonly IReadOnlyList<PipelineTable> Out = TierTables(OutTiers, "Out", "source", OutDefault.Id, InTiers);

    /// <summary>The tables of the in side, one a tier.</summary>
    public static readonly IReadOnlyList<PipelineTable> In = TierTables(InTiers, "In", "destination", InDefault.Id, Commit.Id);

    /// <summary>All tables, in packet order.</summary>
    public static readonly IReadOnlyList<PipelineTable> All =
        [.. new[] { Ingress, SpoofGuard, Dispatch, Connection, Classify, Identify, OutDefault, InDefault, Commit, Reject, DeliveryGuard, Inspect, Lane, Hop, Divert, Return, Forward }.Concat(Out).Concat(In).OrderBy(t => t.Id)];

    private static IReadOnlyList<PipelineTable> TierTables(byte first, string side, string end, byte afterLast, byte whenAllowed)
    {
        string[] tiers = ["Emergency", "Infrastructure", "Environment", "Application", "Baseline"];
        return
        [
            .. tiers.Select((tier, i) => new PipelineTable(
                (byte)(first + i),
                side + tier,
                $"Rules of tier {tier.ToLowerInvariant()} for the side of the connection's {end}, first match by priority. A rule that observes counts the packet and has it come once more, without it.",
                Deciding,
                [(byte)(first + i), i + 1 < tiers.Length ? (byte)(first + i + 1) : afterLast, whenAllowed, Reject.Id])),
        ];
    }
}
