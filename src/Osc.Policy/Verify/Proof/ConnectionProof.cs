using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Tracked packets with which flows seem to do something else than they shall.</summary>
internal sealed record TrackedDoubt(string Stage, Passage Passage, PacketCube Cube, string What);

/// <summary>Between connection tracking and delivery, but for the decision: what goes on, what is decided, and the commit.</summary>
internal sealed class ConnectionProof(Func<byte, CubeTable?> tables, uint mark, IReadOnlyList<Passage> tracked)
{
    private readonly List<TrackedDoubt> doubts = [];
    private readonly List<PlannedDecision> decisions = [];
    private readonly HashSet<Passage> deliveries = [];

    public IReadOnlyList<TrackedDoubt> Doubts => doubts;

    /// <summary>What the deciding tables are given.</summary>
    public IReadOnlyList<PlannedDecision> Decisions => decisions;

    /// <summary>In which registers packets go on to delivery.</summary>
    public IReadOnlyCollection<Passage> Deliveries => deliveries;

    public void Run()
    {
        var run = new CubeRun(tables, table => table != PipelineTable.Classify.Id);
        foreach (var passage in tracked.DistinctBy(p => (p.Arrival, p.Table, p.Registers, p.Zone)))
        {
            Follow(run, passage, ConnectionSpec.Packets, ConnectionSpec.Of(mark, passage.Arrival.FromLocal));
            Follow(run, passage, ConnectionSpec.Errors, ConnectionSpec.Of(mark, passage.Arrival.FromLocal));
            foreach (var leaf in run.Run(PipelineTable.Commit.Id, null, Start(passage, ConnectionSpec.ValidPackets)))
            {
                CompareCommit(passage, leaf);
            }

            if (passage.Arrival.FromLocal)
            {
                FollowAnswered(run, passage);
            }
        }
    }

    private static CubeLeaf Start(Passage passage, PacketCube packets) => new(packets, RunEnd.Done) { Registers = [.. passage.Registers], Vlan = 0 };

    private void Follow(CubeRun run, Passage passage, PacketCube packets, CubeList<Tracked> expected)
    {
        foreach (var leaf in run.Run(passage.Table, null, Start(passage, packets)))
        {
            foreach (var (cube, entry) in expected.Split(leaf.Cube))
            {
                Compare(passage, leaf with { Cube = cube }, expected[entry]);
            }
        }
    }

    /// <summary>Errors that the spoof guard let through: they are as they came, and go on as what comes from outside does.</summary>
    private void FollowAnswered(CubeRun run, Passage passage)
    {
        var asked = passage with { Registers = [.. passage.Registers.Select((r, i) => i == ReceiverProof.AskedRegister ? r | Registers.ReceiverAsked : r)] };
        foreach (var (cube, flow, rival) in tables(PipelineTable.Dispatch.Id)?.Find(null, [.. asked.Registers], ConnectionSpec.Errors) ?? [])
        {
            if (rival is not null || flow is null || !ReceiverProof.Restores(flow, cube, passage.Table))
            {
                doubts.Add(new("connection", passage, cube, $"expected that the source is restored, found {flow}"));
                return;
            }
        }

        Follow(run, asked, ConnectionSpec.Errors, ConnectionSpec.Of(mark, fromLocal: true, asked: true));
    }

    private void Compare(Passage passage, CubeLeaf leaf, Tracked expected)
    {
        var untouched = leaf.Sent.Count == 0 && leaf.Committed is null && leaf.Written.Length == 0;
        switch (expected.Kind)
        {
            case TrackedKind.Drop when untouched && leaf.End == RunEnd.Done:
                return;
            case TrackedKind.Deliver when untouched && leaf.End == RunEnd.Table && leaf.Table == PipelineTable.DeliveryGuard.Id:
                deliveries.Add(passage with { Table = leaf.Table, Registers = [.. leaf.Registers] });
                return;
            case TrackedKind.Ask when untouched && leaf.End == RunEnd.Pending && ReceiverProof.Asks(leaf):
                return;
            case TrackedKind.Decide when untouched && leaf.End == RunEnd.Pending:
                if (PlannedDecision.Of(passage, leaf, expected.Form) is { } decision)
                {
                    decisions.Add(decision);
                    return;
                }

                break;
        }

        doubts.Add(new("connection", passage, leaf.Cube, $"expected {expected.Kind} {expected.Form}, found {leaf.End} {leaf.Table}"));
    }

    private void CompareCommit(Passage passage, CubeLeaf leaf)
    {
        // A related packet, an ICMP error, is decided as its connection is, but enters none of its own.
        foreach (var (cube, isRelated) in Parts(leaf.Cube))
        {
            var entered = isRelated ? leaf.Committed is null : leaf.Committed is { } commit && leaf.Zone == passage.Zone && CommitSpec.IsMetBy(commit, mark, cube.IsExactly(Field.EthType, 0x0800));
            if (entered && leaf.End == RunEnd.Table && leaf.Table == PipelineTable.DeliveryGuard.Id && leaf.Sent.Count == 0 && leaf.Written.Length == 0)
            {
                deliveries.Add(passage with { Table = leaf.Table, Registers = [.. leaf.Registers] });
            }
            else
            {
                doubts.Add(new("commit", passage, cube, $"expected {(isRelated ? "no commit" : $"a commit under {mark:x}")}, found {leaf.Committed?.ToString() ?? "none"}, then {leaf.End} {leaf.Table}"));
            }
        }
    }

    private static IEnumerable<(PacketCube Cube, bool IsRelated)> Parts(PacketCube cube)
    {
        var related = ConnectionSpec.States(ConnectionSpec.Related, ConnectionSpec.RelatedReply);
        if (cube.Narrow(related) is { } with)
        {
            yield return (with, true);
        }

        if (cube.Exclude(related) is { } without)
        {
            yield return (without, false);
        }
    }
}

/// <summary>What the deciding tables are given by one way through the tables before them.</summary>
internal sealed record PlannedDecision(Passage Passage, IpFamily Family, DecideInput Input, ServiceForm Form, uint CtState, ServiceSet Services)
{
    private const ushort DhcpServer = 67;
    private const ushort DhcpClient = 68;
    private const ushort DhcpV6Client = 546;
    private const ushort DhcpV6Server = 547;

    private IReadOnlyList<uint> States { get; init; } = [];

    /// <summary>null: it does not carry the connection as it shall.</summary>
    public static PlannedDecision? Of(Passage passage, CubeLeaf leaf, ServiceForm form)
    {
        var isIPv4 = leaf.Cube.Narrow(Constraint.Is(Field.EthType, 0x0800)) is not null;
        var isIPv6 = leaf.Cube.Narrow(Constraint.Is(Field.EthType, 0x86dd)) is not null;
        var input = DecideInput.Of(leaf);
        if (isIPv4 == isIPv6 || !input.KnowsBothEnds || input.Table is null)
        {
            return null;
        }

        var family = isIPv4 ? IpFamily.IPv4 : IpFamily.IPv6;
        var services = ServicesOf(leaf.Cube);
        if (passage.Arrival.ToDhcpClient)
        {
            services = services.Intersect(ServiceSet.Of(isIPv4 ? [Udp(DhcpClient), Udp(DhcpServer)] : [Udp(DhcpV6Client), Udp(DhcpV6Server)]));
        }

        uint[] states = [.. leaf.Cube[Field.CtState].ToArray().SelectMany(s => Enumerable.Range((int)s.First, (int)(s.Last - s.First) + 1)).Select(s => (uint)s)];
        return new(passage, family, input, form, states[0], services) { States = states };
    }

    /// <summary>Whether the deciding tables are given the same by another, to the last bit.</summary>
    public bool IsAs(PlannedDecision other) =>
        (Passage.Arrival, Passage.Registers, Passage.Zone, Family, Form) == (other.Passage.Arrival, other.Passage.Registers, other.Passage.Zone, other.Family, other.Form)
        && States.SequenceEqual(other.States) && Services.Equals(other.Services) && Input.IsAs(other.Input);

    /// <summary>One of all that the deciding tables cannot tell apart.</summary>
    /// <param name="tiers">What the deciding tables look at.</param>
    /// <param name="lookups">What the lookups look at.</param>
    public static IEnumerable<PlannedDecision> Distinct(IReadOnlyList<PlannedDecision> planned, MatchedBits tiers, MatchedBits lookups)
    {
        uint[] masks = [.. tiers.Masks.Zip(lookups.Masks, (t, l) => t | l)];
        return planned.SelectMany(p => p.States.Select(s => p with { CtState = s })).GroupBy(p => (
            p.Passage.Arrival.Network?.Vrf,
            p.Passage.Arrival.ToDhcpClient,
            p.Family,
            p.Input.Table,
            p.Input.LookupTable,
            string.Concat(tiers.States.Union(lookups.States).Select(s => (p.CtState & s.Mask) == s.Value ? '1' : '0')),
            p.Signature(masks)))
            // a new connection is the easiest to try
            .Select(g => g.OrderBy(p => p.CtState != ConnectionSpec.New).First() with { Services = ServiceSet.UnionOf(g.Select(p => p.Services)) })
            .Where(p => !p.Services.IsEmpty);
    }

    /// <summary>The services of packets: all numbers of each protocol that their connections may have.</summary>
    private static ServiceSet ServicesOf(PacketCube cube)
    {
        var protocols = cube.IsExactly(Field.IpProto, IpProtocol.Sctp) ? [new(IpProtocol.Sctp, IpProtocol.Sctp)] : cube[Field.CtNwProto];
        var found = ServiceSet.Empty;
        foreach (var range in protocols)
        {
            for (var protocol = (uint)range.First; protocol <= byte.MaxValue && protocol <= range.Last; protocol++)
            {
                found = found.Union(ServiceSet.OfProtocol((byte)protocol));
            }
        }

        return found;
    }

    private static ServicePort Udp(ushort port) => ServicePort.OfPorts(IpProtocol.Udp, new(port, port));

    /// <summary>Where the bits come from that a flow asks for.</summary>
    private string Signature(uint[] masks)
    {
        var text = new System.Text.StringBuilder();
        for (var register = 0; register < masks.Length; register++)
        {
            for (var bit = 0; bit < 32; bit++)
            {
                if ((masks[register] & (1u << bit)) != 0)
                {
                    text.Append(Describe(Input[register, bit]));
                }
            }
        }

        return text.ToString();
    }

    private string Describe(BitSource source) => source.Origin switch
    {
        BitOrigin.Zero => "0",
        BitOrigin.One => "1",
        BitOrigin.Lookup => $"{Input.EndOf(source)}{source.Index % 2}.{source.Bit},",
        _ => DecideInput.ServiceBit(source, Form) is { } place ? $"s{place}," : $"p{source.Index}.{source.Bit},",
    };
}
