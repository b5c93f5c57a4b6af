using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Policy.Verify.Meaning;

namespace Osc.Policy.Verify.Proof;

/// <summary>Packets in one state of the registers, and what shall become of them.</summary>
/// <param name="Port">A port that such packets come in at.</param>
/// <param name="Table">Where they go on.</param>
internal sealed record Passage(Arrival Arrival, PortName Port, byte Table, ValueList<uint> Registers, ushort Zone);

/// <summary>The addresses that a lookup for packets in some registers tells apart.</summary>
/// <param name="Registers">Those that the lookup looks at, as text.</param>
internal readonly record struct SpaceKey(QualifiedName Vrf, IpFamily Family, byte Table, string Registers);

/// <summary>A bridge that is proven: its flows do what its documents say, and this is what the proof found out on the way.</summary>
/// <param name="All">Its flows.</param>
/// <param name="Tables">Its flows as <see cref="PlainFlows"/>.</param>
/// <param name="Mark">What connections are committed under.</param>
/// <param name="Passages">What ports bring in.</param>
/// <param name="Zones">The zone of each vrf.</param>
/// <param name="Decisions">What connection tracking gives the deciding tables.</param>
/// <param name="Distinct">One of all decisions that the deciding tables cannot tell apart.</param>
/// <param name="Deliveries">In which registers packets go on to delivery.</param>
/// <param name="Delivered">In which registers packets are delivered as they shall.</param>
/// <param name="Bits">What the deciding tables look at, and what lookups do.</param>
internal sealed record ProvenBridge(
    BridgeSpec Spec,
    FlowTables All,
    FlowTables Tables,
    uint Mark,
    IReadOnlyCollection<Passage> Passages,
    IReadOnlyDictionary<QualifiedName, ushort> Zones,
    IReadOnlyList<PlannedDecision> Decisions,
    IReadOnlyList<PlannedDecision> Distinct,
    IReadOnlyCollection<Passage> Deliveries,
    IReadOnlySet<string> Delivered,
    (MatchedBits Tiers, MatchedBits Lookups) Bits,
    IReadOnlyDictionary<SpaceKey, DecisionSpace> Spaces);

/// <summary>What changed of a bridge since it was proven.</summary>
/// <param name="Meant">The regions in which documents may mean something else, in every vrf; of the same workloads at this bridge.</param>
internal sealed record BridgeChange(ProvenBridge Before, BridgeDelta Flows, IReadOnlyList<Region> Meant)
{
    /// <summary>Whether a flow of a table changed.</summary>
    public bool Touches(Func<byte, bool> isAsked) => Flows.Remove.Any(f => isAsked(f.Table)) || Flows.Add.Any(f => isAsked(f.Table));

    /// <summary>Whether what comes in and what is delivered may have changed.</summary>
    public bool TouchesEnds => Touches(table => table <= PipelineTable.Dispatch.Id || table >= PipelineTable.Reject.Id);
}
