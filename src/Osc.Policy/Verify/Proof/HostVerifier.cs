using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Verify.Meaning;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// A host's proof that goes along with changes: what a change does not touch stays proven. What ports bring in and what is
/// delivered where is looked at again only if inventory or those tables change; connection tracking and the decision always are.
/// Immutable: an update gives another.
/// </summary>
public sealed class HostVerifier
{
    private readonly IReadOnlyDictionary<PortName, ProvenBridge> proven;

    private HostVerifier(FlowProof proof, IReadOnlyDictionary<PortName, ProvenBridge> proven)
    {
        Proof = proof;
        this.proven = proven;
    }

    public FlowProof Proof { get; }

    /// <param name="meaning">What the documents say.</param>
    /// <param name="flows">A host's flows, compiled or read from its switch.</param>
    /// <param name="numbering">Names the rules that labels carry, and the epoch; null: labels are not looked at, and any one epoch will do.</param>
    public static HostVerifier Prove(PolicyMeaning meaning, HostFlows flows, HostNumbering? numbering = null) => Prove(meaning, flows, numbering, new Dictionary<PortName, ProvenBridge>());

    /// <summary>The proof after a change of documents and of flows.</summary>
    /// <param name="meaning">What the documents say then.</param>
    /// <param name="changes">The documents that changed since this proof.</param>
    /// <param name="flows">The host's flows then.</param>
    /// <param name="delta">What changed in them since this proof.</param>
    /// <param name="numbering">As in <see cref="Prove(PolicyMeaning, HostFlows, HostNumbering?)"/>.</param>
    public HostVerifier Update(PolicyMeaning meaning, DocumentChanges changes, HostFlows flows, FlowDelta delta, HostNumbering? numbering = null)
    {
        var touched = delta.Bridges.Where(b => b.Add.Concat(b.Remove).Any(f => f.Table <= PipelineTable.Dispatch.Id || f.Table >= PipelineTable.Reject.Id)).Select(b => b.Bridge).ToHashSet();
        var isOfInventory = changes.Any(c => c.Key.Kind is Kind.Workload or Kind.Network or Kind.Host);
        return Prove(meaning, flows, numbering, isOfInventory ? new Dictionary<PortName, ProvenBridge>() : proven.Where(p => !touched.Contains(p.Key)).ToDictionary());
    }

    private static HostVerifier Prove(PolicyMeaning meaning, HostFlows flows, HostNumbering? numbering, IReadOnlyDictionary<PortName, ProvenBridge> before)
    {
        var faults = new List<FlowFault>();
        var proven = new Dictionary<PortName, ProvenBridge>();
        var host = meaning.State.Host(flows.Host);
        foreach (var bridge in host?.Bridges ?? [])
        {
            var known = flows.Find(bridge.Name)?.Flows ?? FlowSet.Empty;
            var proof = new BridgeProof(new(meaning, host!, bridge), known, numbering?.Epoch, numbering?.Rules.ByName, before.GetValueOrDefault(bridge.Name)); // it has bridges
            faults.AddRange(proof.Run());
            if (proof.Proven is { } holds)
            {
                proven.Add(bridge.Name, holds);
            }
        }

        foreach (var stray in flows.Bridges.Where(b => b.Flows.Count > 0 && host?.Bridges.Any(d => d.Name == b.Bridge) != true))
        {
            faults.Add(new(stray.Bridge, "flows", "no document has this bridge", null, null, null, null));
        }

        return new(new(flows.Host, [.. faults]), proven);
    }
}
