using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>All connections from some addresses to others, to some services, whose verdict a change of documents changes.</summary>
/// <param name="Before">What decides before; by it and <paramref name="After"/>, Allow and not Allow, a connection is newly allowed or newly dropped.</param>
public sealed record MeantChange(QualifiedName Vrf, AddressSet Sources, AddressSet Destinations, ServiceSet Services, VerdictPart Before, VerdictPart After)
{
    public bool IsNewlyAllowed => After.Verdict == Verdict.Allow;

    public bool IsNewlyStopped => Before.Verdict == Verdict.Allow;
}

/// <summary>
/// What a change of documents changes in the verdicts of connections: exactly, and looked for only where it can be.
/// Neighbour discovery is left out: it follows from who has which address, not from policy.
/// </summary>
public static class MeaningDifference
{
    /// <returns>Every connection whose verdict changes, once.</returns>
    public static IEnumerable<MeantChange> Between(PolicyMeaning before, PolicyMeaning after, DocumentChanges changes) =>
        ChangedRegions.Of(before, after, changes).SelectMany(region => Between(before, after, region));

    private static IEnumerable<MeantChange> Between(PolicyMeaning before, PolicyMeaning after, Region region)
    {
        var old = before.Blocks(region.Vrf, region.Sources, region.Destinations).ToArray();
        foreach (var now in after.Blocks(region.Vrf, region.Sources, region.Destinations))
        {
            foreach (var was in old.Where(o => o.Family == now.Family && o.Sources.Overlaps(now.Sources) && o.Destinations.Overlaps(now.Destinations)))
            {
                foreach (var (services, from, to) in Changes(was.Rules, now.Rules, now.Family))
                {
                    yield return new(region.Vrf, was.Sources.Intersect(now.Sources), was.Destinations.Intersect(now.Destinations), services, from, to);
                }
            }
        }
    }

    private static IEnumerable<(ServiceSet Services, VerdictPart Before, VerdictPart After)> Changes(PairRules was, PairRules now, IpFamily family) =>
        from old in was.Parts
        where old.SettledBy != SettledBy.NeighbourDiscovery
        from part in now.Parts
        where part.Verdict != old.Verdict && part.SettledBy != SettledBy.NeighbourDiscovery
        let services = old.Services.Intersect(part.Services).Intersect(ServiceSet.RealIn(family))
        where !services.IsEmpty
        select (services, old, part);
}
