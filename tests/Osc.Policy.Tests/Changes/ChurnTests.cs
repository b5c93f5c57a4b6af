using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Validation;
using Osc.Scenarios;
using Osc.Scenarios.Changes;
using Osc.Scenarios.Large;
using Xunit;

namespace Osc.Policy.Tests.Changes;

public sealed class ChurnTests
{
    [Fact]
    public void Churn_keeps_every_set_sound() => Parallel.For(0, 40, seed =>
    {
        var churn = Churn.Of(RandomScenario.Of(seed).State.Documents, seed);
        for (var i = 0; i < 100; i++)
        {
            var before = churn.Documents;
            var changes = churn.Next();

            Assert.NotEmpty(changes);
            Assert.Equal(churn.Documents, before.With(changes));
            Assert.Equal(before, churn.Documents.With(changes.Reverse()));
            Assert.Empty(StateValidator.Validate(new Revision(i), churn.Documents).Errors);
        }
    });

    /// <summary>Of each kind that has what a state holds, documents are created, updated and deleted.</summary>
    [Fact]
    public void Churn_changes_all_kinds_in_all_ways()
    {
        var seen = new HashSet<(Kind, string)>();
        for (var seed = 0; seed < 10; seed++)
        {
            var churn = Churn.Of(RandomScenario.Of(seed).State.Documents, seed);
            seen.UnionWith(Enumerable.Range(0, 1_000).SelectMany(_ => churn.Next()).Select(c => (c.Key.Kind, c.Before is null ? "create" : c.After is null ? "delete" : "update")));
        }

        Assert.Equal(
            from kind in new[] { Kind.Tenant, Kind.Network, Kind.Host, Kind.Workload, Kind.DnsName, Kind.SecurityGroup, Kind.Service, Kind.Policy, Kind.InspectionChain } from way in new[] { "create", "delete", "update" } select (kind, way),
            seen.Order());
    }

    /// <summary>However long it goes on.</summary>
    [Fact]
    public void Churn_keeps_the_size_of_the_set()
    {
        var start = RandomScenario.Of(3).State.Documents;
        var churn = Churn.Of(start, 3);
        for (var i = 0; i < 20_000; i++)
        {
            churn.Next();
        }

        Assert.InRange(churn.Documents.Count, start.Count / 3, 4 * start.Count);
    }

    [Fact]
    public void Churn_is_the_same_for_the_same_seed()
    {
        var start = RandomScenario.Of(5).State.Documents;
        var (one, same, other) = (Churn.Of(start, 1), Churn.Of(start, 1), Churn.Of(start, 2));
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(one.Next(), same.Next());
            other.Next();
        }

        Assert.NotEqual(one.Documents, other.Documents);
    }

    [Fact]
    public void Churn_keeps_a_large_set_sound()
    {
        var churn = Churn.Of(ClusterScenario.Of(ClusterSize.Small).Documents, 1);
        for (var i = 0; i < 2_000; i++)
        {
            churn.Next();
        }

        Assert.Empty(StateValidator.Validate(new Revision(1), churn.Documents).Errors);
    }
}
