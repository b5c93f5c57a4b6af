using Osc.Flows.Simulation;
using Osc.Model;

namespace Osc.Policy.Verify.Proof;

/// <summary>Something that flows do otherwise than documents say; or, without a probe, something that could not be settled.</summary>
/// <param name="Stage">The part of the pipeline where the two go apart.</param>
/// <param name="Probe">A packet of which it is true; null: none was found, and it is not proven that there is none.</param>
/// <param name="Connection">The packet's connection, where it is an IP packet.</param>
public sealed record FlowFault(PortName Bridge, string Stage, string What, Probe? Probe, Connection? Connection, Fate? Expected, Fate? Found)
{
    /// <summary>Whether the fault is that two flows of one priority match: then it is the switch's choice what it does.</summary>
    public bool IsAmbiguous => Found?.IsAmbiguous == true;

    /// <summary>"br-int: decision: shop/default: 10.9.0.1 -> 10.9.0.2 tcp/22 from vif1.0: expected dropped, found sent to trunk 1065 0".</summary>
    public override string ToString() => Probe is null
        ? $"{Bridge}: {Stage}: not proven: {What}"
        : $"{Bridge}: {Stage}: {(Connection is { } connection ? connection.ToString() : $"{Name(Probe.Packet)} from {Probe.Packet.EthSrc}")} from {Probe.Port}{(Probe.Open is null ? "" : $", its connection open under epoch {Probe.Open.Mark}")}: expected {Expected}, found {Found}";

    private static string Name(Packet packet) => packet.EthType == EtherType.Arp ? "ARP" : $"EtherType 0x{packet.EthType:x4}";
}

/// <summary>Whether a host's flows do what documents say.</summary>
/// <param name="Faults">Counterexamples, not more than some; empty: it is proven, for all packets.</param>
public sealed record FlowProof(Name Host, ValueList<FlowFault> Faults)
{
    public bool Holds => Faults.Count == 0;
}
