using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Planning;

/// <summary>What becomes of connections.</summary>
public enum ConnectionEffect
{
    Allowed,
    Dropped,
    AnsweredOtherwise,
}

/// <summary>Whether a change brings or takes the workload of an end.</summary>
public enum WorkloadEffect
{
    None,
    Appear,
    Go,
}

/// <summary>All connections from some addresses to others, to some services, whose fate a change changes in one way.</summary>
/// <param name="OpenConnections">null for what is not dropped.</param>
/// <param name="Before">What decided before, out side first; null is a default action.</param>
/// <param name="After">What decides after.</param>
public sealed record ConnectionChange(
    QualifiedName Vrf,
    AddressSet Sources,
    AddressSet Destinations,
    ServiceSet Services,
    ConnectionEffect Effect,
    OnRevoke? OpenConnections,
    ValueList<RuleKey?> Before,
    ValueList<RuleKey?> After,
    WorkloadEffect Workloads);

/// <summary>
/// Which connections a change newly allows and newly drops, exactly. What a workload that the change brings may do counts as
/// newly allowed and what one that it takes could do as newly dropped: a connection needs its ends to be there. An address
/// that nobody has is an outsider's, there before and after.
/// </summary>
public sealed class ConnectionChanges
{
    private readonly PolicyMeaning before;
    private readonly PolicyMeaning after;
    private readonly Dictionary<QualifiedName, AddressSet> appeared = [];
    private readonly Dictionary<QualifiedName, AddressSet> gone = [];

    private ConnectionChanges(PolicyMeaning before, PolicyMeaning after)
    {
        this.before = before;
        this.after = after;
    }

    /// <param name="changes">What leads from the documents before to those after.</param>
    /// <returns>No connection twice with the same effect.</returns>
    public static IEnumerable<ConnectionChange> Between(PolicyMeaning before, PolicyMeaning after, DocumentChanges changes)
    {
        var found = new ConnectionChanges(before, after);
        found.FindWorkloads(changes);
        return MeaningDifference.Between(before, after, changes).SelectMany(found.OfDecisions).Concat(found.OfWorkloads());
    }

    /// <summary>Addresses that nobody has in one of the states.</summary>
    private void FindWorkloads(DocumentChanges changes)
    {
        var touched = changes.Where(c => c.Key.Kind is Kind.Workload or Kind.Network).ToArray();
        foreach (var (vrf, address) in touched.SelectMany(c => AddressesOf(before.State, c.Key, c.Before).Concat(AddressesOf(after.State, c.Key, c.After))).Distinct())
        {
            var (was, now) = (before.State.OwnerOf(vrf, address) is not null, after.State.OwnerOf(vrf, address) is not null);
            if (was != now)
            {
                var set = was ? gone : appeared;
                set[vrf] = set.GetValueOrDefault(vrf, AddressSet.Empty).Union(AddressSet.Of(address));
            }
        }
    }

    private static IEnumerable<(QualifiedName Vrf, IpAddress Address)> AddressesOf(State state, DocumentKey key, Document? document) => document switch
    {
        WorkloadDocument workload => workload.Interfaces.SelectMany(i => i.Addresses.Select(a => (state.Network(i.Network).Vrf, a))),
        NetworkDocument network => state.InterfacesIn(key.QualifiedName).SelectMany(i => i.Interface.Addresses.Select(a => (network.Vrf, a))),
        _ => [],
    };

    /// <summary>A change of verdict, less what concerns workloads that come or go.</summary>
    private IEnumerable<ConnectionChange> OfDecisions(MeantChange change)
    {
        var moved = appeared.GetValueOrDefault(change.Vrf, AddressSet.Empty).Union(gone.GetValueOrDefault(change.Vrf, AddressSet.Empty));
        var (sources, destinations) = (change.Sources.Subtract(moved), change.Destinations.Subtract(moved));
        if (!sources.IsEmpty && !destinations.IsEmpty)
        {
            var effect = change.IsNewlyAllowed ? ConnectionEffect.Allowed : change.IsNewlyStopped ? ConnectionEffect.Dropped : ConnectionEffect.AnsweredOtherwise;
            yield return new(
                change.Vrf,
                sources,
                destinations,
                change.Services,
                effect,
                effect == ConnectionEffect.Dropped ? FateOf(change.Before, change.After) : null,
                RulesOf(change.Before.Out, change.Before.In),
                RulesOf(change.After.Out, change.After.In),
                WorkloadEffect.None);
        }
    }

    private IEnumerable<ConnectionChange> OfWorkloads() =>
        OfWorkloads(after, (appeared, gone), ConnectionEffect.Allowed, WorkloadEffect.Appear).Concat(OfWorkloads(before, (gone, appeared), ConnectionEffect.Dropped, WorkloadEffect.Go));

    /// <param name="meaning">Of the state in which the workloads are.</param>
    /// <param name="moved">Their addresses, and those of workloads that are only in the other state, to which there is no connection.</param>
    private static IEnumerable<ConnectionChange> OfWorkloads(
        PolicyMeaning meaning, (Dictionary<QualifiedName, AddressSet> Here, Dictionary<QualifiedName, AddressSet> Elsewhere) moved, ConnectionEffect effect, WorkloadEffect workloads) =>
        from space in moved.Here
        let addresses = space.Value
        let others = AddressSet.All.Subtract(moved.Elsewhere.GetValueOrDefault(space.Key, AddressSet.Empty))
        from region in new[] { (Sources: addresses, Destinations: others), (Sources: others.Subtract(addresses), Destinations: addresses) }
        from part in meaning.Decide(space.Key, region.Sources, region.Destinations, ServiceSet.All.Subtract(ServiceSet.NeighbourDiscovery))
        where part.Verdict == Verdict.Allow && part.SettledBy == SettledBy.Policy
        let rules = RulesOf(part.Out, part.In)
        select new ConnectionChange(
            space.Key,
            part.Sources,
            part.Destinations,
            part.Services,
            effect,
            effect == ConnectionEffect.Dropped ? OnRevoke.Cut : null,
            effect == ConnectionEffect.Dropped ? rules : [],
            effect == ConnectionEffect.Dropped ? [] : rules,
            workloads);

    private static ValueList<RuleKey?> RulesOf(SideMeaning? outSide, SideMeaning? inSide) => new[] { outSide, inSide }.OfType<SideMeaning>().Select(s => s.Rule).ToValueList();

    /// <summary>Kept only where every side that no longer allows it did so by a rule that says keep, and no emergency stops it.</summary>
    private OnRevoke FateOf(VerdictPart was, VerdictPart now)
    {
        (SideMeaning? Was, SideMeaning? Now)[] sides = [(was.Out, now.Out), (was.In, now.In)];
        var stopping = sides.Where(s => s.Now is { Verdict: not Verdict.Allow }).ToArray();
        return stopping.Length > 0 && stopping.All(s => s.Was?.Rule is { } rule && OnRevokeOf(rule) == OnRevoke.Keep && !IsEmergency(s.Now)) ? OnRevoke.Keep : OnRevoke.Cut;
    }

    private bool IsEmergency(SideMeaning? side) =>
        side?.Rule is { } rule && after.State.Documents.Find<PolicyDocument>(Kind.Policy, rule.Policy)?.Tier == Tier.Emergency;

    private OnRevoke? OnRevokeOf(RuleKey rule) => before.State.Documents.Find<PolicyDocument>(Kind.Policy, rule.Policy)?.Rules.FirstOrDefault(r => r.Name == rule.Rule)?.OnRevoke;
}
