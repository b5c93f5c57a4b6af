using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Local workloads that documents cannot tell apart.</summary>
/// <param name="Out">Rules that can count at their out side, as far as their own address tells, in deciding order.</param>
/// <param name="In">The same of the in side.</param>
internal sealed record LocalParty(Verdict Default, IReadOnlyList<MeantRule> Out, IReadOnlyList<MeantRule> In);

/// <summary>
/// What documents say about connections of one vrf and family at one bridge: which rules count at the local end, and the sets
/// of addresses that they name at the far end.
/// </summary>
internal sealed class DecisionSpec
{
    private readonly RuleLabels labels;
    private readonly Dictionary<(Name Tenant, ValueList<Peer> Peers), AddressSet> farSets = [];
    private readonly Dictionary<UInt128, int> locals = [];
    private readonly List<LocalParty> parties = [];

    public DecisionSpec(BridgeSpec bridge, QualifiedName vrf, IpFamily family, RuleLabels labels)
    {
        this.labels = labels;
        var meaning = bridge.Meaning;
        var known = new Dictionary<(Name Tenant, PeerSet Peers), int>();
        foreach (var ((ownVrf, address), owner) in bridge.ByAddress)
        {
            if (ownVrf != vrf || address.Family != family)
            {
                continue;
            }

            var key = (owner.Tenant, meaning.PeerSetOf(vrf, address, owner));
            if (!known.TryGetValue(key, out var number))
            {
                number = parties.Count;
                known.Add(key, number);
                var byDefault = meaning.State.DefaultActionOf(owner.Tenant) == DefaultAction.Allow ? Verdict.Allow : Verdict.Drop;
                parties.Add(new(byDefault, meaning.Rules.Enforced(key.Tenant, Direction.Out, key.Item2), meaning.Rules.Enforced(key.Tenant, Direction.In, key.Item2)));
            }

            locals.Add(address.Bits, number);
        }

        OutRules = [.. parties.SelectMany(p => p.Out).DistinctBy(r => r.Ordinal).OrderBy(r => r.Ordinal)];
        InRules = [.. parties.SelectMany(p => p.In).DistinctBy(r => r.Ordinal).OrderBy(r => r.Ordinal)];
        foreach (var key in OutRules.Select(r => (r.Tenant, r.Rule.To)).Concat(InRules.Select(r => (r.Tenant, r.Rule.From))))
        {
            if (key.Item2.Count > 0 && !farSets.ContainsKey(key))
            {
                farSets.Add(key, meaning.AddressesOf(key.Tenant, key.Item2, vrf).Intersect(AddressSet.OfFamily(family)));
            }
        }
    }

    public IReadOnlyList<LocalParty> Parties => parties;

    /// <summary>Local addresses with the number of their party.</summary>
    public IReadOnlyDictionary<UInt128, int> Locals => locals;

    /// <summary>Every rule that can count at an out side here, in deciding order.</summary>
    public IReadOnlyList<MeantRule> OutRules { get; }

    public IReadOnlyList<MeantRule> InRules { get; }

    /// <summary>The sets that those rules name at the far end, by what they name.</summary>
    public IReadOnlyDictionary<(Name Tenant, ValueList<Peer> Peers), AddressSet> FarSets => farSets;

    /// <summary>Takes sets that are as they were from before, so that what is known of them stays known.</summary>
    public void Adopt(DecisionSpec before)
    {
        foreach (var (key, set) in farSets)
        {
            if (before.farSets.TryGetValue(key, out var was) && was.Equals(set))
            {
                farSets[key] = was;
            }
        }
    }

    /// <summary>What a rule names at the far end; null: anybody.</summary>
    public AddressSet? FarSetOf(MeantRule rule, Direction side) =>
        (side == Direction.Out ? rule.Rule.To : rule.Rule.From) is { Count: > 0 } peers ? farSets[(rule.Tenant, peers)] : null;

    /// <summary>How a side shall end.</summary>
    /// <param name="party">null: there is no such side here.</param>
    /// <param name="rules">The rules that count as far as addresses tell.</param>
    public IReadOnlyList<TierPart> Expect(LocalParty? party, Direction side, IReadOnlyList<MeantRule> rules)
    {
        var allowed = new TierOutcome(side == Direction.Out ? PipelineTable.In[0].Id : PipelineTable.Commit.Id, ValueList<(int, uint)>.Empty);
        return party is null
            ? [new(PairRules.Tracked, allowed)]
            : [.. PairRules.DecideSide(rules, party.Default).Select(p => new TierPart(p.Services, p.Side!.Verdict switch // a side that exists decides
            {
                Verdict.Allow => allowed.With(LabelRegister(side), labels.Of(p.Side.Rule)),
                Verdict.Reject => TierOutcome.Dropped with { Table = PipelineTable.Reject.Id },
                _ => TierOutcome.Dropped,
            }))];
    }

    /// <summary>An outcome as far as it matters: what is dropped carries no label.</summary>
    public TierOutcome Settle(TierOutcome outcome)
    {
        if (outcome.Table is null || outcome.Table == PipelineTable.Reject.Id)
        {
            return outcome with { Written = ValueList<(int, uint)>.Empty };
        }

        return labels.AreKnown ? outcome : outcome with { Written = [.. outcome.Written.Where(w => w.Register is not (8 or 9))] };
    }

    public static int LabelRegister(Direction side) => side == Direction.Out ? 8 : 9;
}
