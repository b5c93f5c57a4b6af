using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Verify.Meaning;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// A host's proof that goes along with changes: outside of what a change touches, flows and documents are as they were proven, so
/// only what it touches is proven anew. What ports bring in and what is delivered where: if who is here or those tables change;
/// connection tracking: if its tables or the epoch change; decisions: between the classes of addresses that changed flows can match or
/// changed documents speak of. Immutable: an update gives another.
/// </summary>
public sealed class HostVerifier
{
    private readonly PolicyMeaning meaning;
    private readonly HostNumbering? numbering;
    private readonly IReadOnlyDictionary<PortName, ProvenBridge> proven;

    private HostVerifier(PolicyMeaning meaning, HostNumbering? numbering, FlowProof proof, IReadOnlyDictionary<PortName, ProvenBridge> proven)
    {
        this.meaning = meaning;
        this.numbering = numbering;
        this.proven = proven;
        Proof = proof;
    }

    public FlowProof Proof { get; }

    /// <param name="meaning">What the documents say.</param>
    /// <param name="flows">A host's flows, compiled or read from its switch.</param>
    /// <param name="numbering">Names the rules that labels carry, and the epoch; null: labels are not looked at, and any one epoch will do.</param>
    public static HostVerifier Prove(PolicyMeaning meaning, HostFlows flows, HostNumbering? numbering = null) => Prove(meaning, flows, numbering, _ => null);

    /// <summary>The proof after a change of documents and of flows.</summary>
    /// <param name="after">What the documents say then: best what <see cref="PolicyMeaning.After"/> made of this proof's.</param>
    /// <param name="changes">The documents that changed since this proof.</param>
    /// <param name="flows">The host's flows then.</param>
    /// <param name="delta">What changed in them since this proof.</param>
    /// <param name="numberingThen">As in <see cref="Prove(PolicyMeaning, HostFlows, HostNumbering?)"/>.</param>
    /// <exception cref="ArgumentException">The delta does not lead to these flows.</exception>
    public HostVerifier Update(PolicyMeaning after, DocumentChanges changes, HostFlows flows, FlowDelta delta, HostNumbering? numberingThen = null)
    {
        if (numbering is null != numberingThen is null)
        {
            return Prove(after, flows, numberingThen);
        }

        var regions = new Lazy<IReadOnlyList<Region>>(() => [.. ChangedRegions.Of(meaning, after, changes), .. Renumbered(after, numberingThen)]);
        return Prove(after, flows, numberingThen, bridge => proven.TryGetValue(bridge, out var before)
            ? new(before, delta.Bridges.FirstOrDefault(b => b.Bridge == bridge) ?? new(bridge, ValueList<Flow>.Empty, ValueList<Flow>.Empty), regions.Value)
            : null);
    }

    /// <summary>Where rules count that have another number in labels now, or none, or one for the first time.</summary>
    private IEnumerable<Region> Renumbered(PolicyMeaning after, HostNumbering? numberingThen)
    {
        if (numbering is null || numberingThen is null)
        {
            return [];
        }

        var chains = Renumbered(numbering.Chains, numberingThen.Chains);
        var renumbered = Renumbered(numbering.Rules, numberingThen.Rules);
        return renumbered.Count + chains.Count == 0 ? [] : after.Rules.Rules
            .Where(r => renumbered.Contains(r.Key.ToString()) || (r.Rule.Chain is { } chain && chains.Contains(chain.ToString()))).SelectMany(r => RuleRegion.Of(after, r)).Select(r => r.Region);
    }

    private static HashSet<string> Renumbered(Numbers before, Numbers after)
    {
        if (ReferenceEquals(before, after))
        {
            return [];
        }

        var (was, now) = (before.ByName, after.ByName);
        return now.Where(r => !was.TryGetValue(r.Key, out var number) || number != r.Value).Concat(was.Where(r => !now.ContainsKey(r.Key))).Select(r => r.Key).ToHashSet();
    }

    private static HostVerifier Prove(PolicyMeaning meaning, HostFlows flows, HostNumbering? numbering, Func<PortName, BridgeChange?> changeOf)
    {
        var faults = new List<FlowFault>();
        var proven = new Dictionary<PortName, ProvenBridge>();
        var host = meaning.State.Host(flows.Host);
        foreach (var bridge in host?.Bridges ?? [])
        {
            var known = flows.Find(bridge.Name)?.Flows ?? FlowSet.Empty;
            var proof = new BridgeProof(new(meaning, host!, bridge), known, numbering, changeOf(bridge.Name)); // it has bridges
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

        return new(meaning, numbering, new(flows.Host, [.. faults]), proven);
    }
}
