using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;
using Osc.Scenarios.Changes;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Verify;

public sealed class MeaningDifferenceTests
{
    private const int Histories = 40;
    private const int Steps = 15;

    [Fact]
    public void Difference_has_every_connection_whose_verdict_changes_and_no_other() => Parallel.For(0, Histories * Verified.Scale, seed =>
    {
        var churn = Churn.Of(Verified.RandomState(seed).Documents, seed);
        var before = new PolicyMeaning(Verified.StateOf(churn.Documents));
        for (var step = 0; step < Steps; step++)
        {
            var changes = churn.Next();
            var after = before.For(Verified.StateOf(churn.Documents), [.. changes.Select(c => c.Key)]);
            var found = MeaningDifference.Between(before, after, changes).ToArray();
            Assert.All(found, f => Assert.True(IsTrue(before.State, after.State, f), $"seed {seed}, step {step}: {f}"));
            foreach (var vrf in before.State.Vrfs.Union(after.State.Vrfs))
            {
                foreach (var (sources, destinations, services) in Everything(new(before.State), new(after.State), vrf))
                {
                    var (source, service) = (sources.Sample, services.Sample);
                    var told = found.Where(f => f.Vrf == vrf && f.Sources.Contains(source) && f.Services.Contains((byte)(service >> 16), (ushort)service)).ToArray();
                    var missing = told.Aggregate(destinations.Intersect(AddressSet.OfFamily(source.Family)), (rest, f) => rest.Subtract(f.Destinations));
                    Assert.True(missing.IsEmpty, $"seed {seed}, step {step}: {vrf} {sources.Sample} > {missing} {services}\n{string.Join('\n', changes)}");
                }
            }

            before = after;
        }
    });

    [Fact]
    public void Connection_is_told_once_where_two_changes_concern_it()
    {
        var before = new PolicyMeaning(World.Of(Group("web", Selected("app=web")), PolicyOf("a", Allow("one", "web", "web", "tcp/80"))).State);
        var documents = before.State.Documents.With(new Document[] { PolicyOf("a", Drop("one", "web", "web", "tcp/80")), PolicyOf("b", Allow("two", "web", "web", "tcp/81")) });
        var after = new PolicyMeaning(Verified.StateOf(documents));

        var found = MeaningDifference.Between(before, after, DocumentChanges.Between(before.State.Documents, documents)).Where(f => f.Sources.Sample.IsIPv4).ToArray();

        Assert.Equal(["tcp/80", "tcp/81"], found.Select(f => f.Services.ToString()).Distinct().Order());
        Assert.Equal(found.Length, found.Select(f => (f.Sources, f.Destinations, f.Services)).Distinct().Count());
        Assert.All(found, f => Assert.Equal(f.Services.ToString() == "tcp/81", f.IsNewlyAllowed));
    }

    private static bool IsTrue(State before, State after, MeantChange found)
    {
        var connection = found.Services.SampleConnection(found.Vrf, found.Sources.Sample, found.Destinations.Sample);
        return Decider.Decide(before, connection).Verdict == found.Before.Verdict && Decider.Decide(after, connection).Verdict == found.After.Verdict
            && found.Before.Verdict != found.After.Verdict;
    }

    /// <summary>Every change, found without being told what changed.</summary>
    private static IEnumerable<(AddressSet Sources, AddressSet Destinations, ServiceSet Services)> Everything(PolicyMeaning before, PolicyMeaning after, QualifiedName vrf)
    {
        var old = before.Decide(vrf, AddressSet.All, AddressSet.All, ServiceSet.All).ToArray();
        foreach (var now in after.Decide(vrf, AddressSet.All, AddressSet.All, ServiceSet.All).Where(p => p.SettledBy != SettledBy.NeighbourDiscovery))
        {
            foreach (var was in old.Where(p => p.SettledBy != SettledBy.NeighbourDiscovery && p.Verdict != now.Verdict))
            {
                var (sources, destinations, services) = (was.Sources.Intersect(now.Sources), was.Destinations.Intersect(now.Destinations), was.Services.Intersect(now.Services));
                if (!sources.IsEmpty && !destinations.IsEmpty && !services.IsEmpty)
                {
                    yield return (sources, destinations, services);
                }
            }
        }
    }
}
