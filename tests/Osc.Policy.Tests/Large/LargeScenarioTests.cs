using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Osc.Scenarios.Large;
using Xunit;

namespace Osc.Policy.Tests.Large;

/// <summary>The large scenarios are sound, of the size that they say, and the same for the same seed; their changes are sound too.</summary>
public sealed class LargeScenarioTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cluster_has_a_group_and_three_policies_a_namespace(bool separate)
    {
        var cluster = ClusterScenario.Of(ClusterSize.Small with { Separate = separate });
        var state = Sound(cluster.Documents);

        Assert.Equal(1_000, state.Interfaces.Count);
        Assert.Equal(250, state.Documents.OfType<SecurityGroupDocument>().Count());
        Assert.Equal(750, state.Documents.OfType<PolicyDocument>().Count());
        Assert.All(state.Interfaces.GroupBy(i => i.Interface.Attachment!.Host), h => Assert.Equal(100, h.Count())); // the scenario attaches every pod
        Assert.Equal(cluster.Documents, ClusterScenario.Of(ClusterSize.Small with { Separate = separate }).Documents);
        Assert.NotEqual(cluster.Documents, ClusterScenario.Of(ClusterSize.Small with { Separate = separate }, seed: 2).Documents);
    }

    [Fact]
    public void Changes_of_a_cluster_are_sound()
    {
        var cluster = ClusterScenario.Of(ClusterSize.Small);

        AssertSound(cluster.Documents, now => cluster.Relabel(now, cluster.PodOf(7, 3), 8), now => cluster.ChangePort(now, 7, 99), now => cluster.AddPod(now, 7, 9, 255));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Spare_joins_the_big_group_and_leaves_it(bool literal, bool everywhere)
    {
        var scenario = BigGroupScenario.Of(BigGroupSize.Small with { Literal = literal, Everywhere = everywhere });
        Sound(scenario.Documents);

        AssertSound(scenario.Documents, now => scenario.Join(now, 1), now => scenario.Join(now, 2), now => scenario.Leave(now, 1));
        var joined = scenario.Documents.With(scenario.Join(scenario.Documents, 3));

        Assert.Equal(scenario.Documents, joined.With(scenario.Leave(joined, 3)));
    }

    [Fact]
    public void Rule_of_a_rule_set_is_added_moved_and_removed()
    {
        var scenario = RuleSetScenario.Of(RuleSetSize.Small);
        var end = AssertSound(scenario.Documents, now => scenario.Add(now, 1, 7, 100), now => RuleSetScenario.Move(now, 1, 7, 40), now => RuleSetScenario.Remove(now, 1, 40));

        Assert.Equal(100, scenario.Documents.OfType<PolicyDocument>().Sum(p => p.Rules.Count));
        Assert.Equal(scenario.Documents, end);
    }

    [Fact]
    public void Workload_of_ports_and_groups_is_read_as_it_was_written()
    {
        var workload = PortGroupWorkload.Generate(ports: 500, groups: 20, rules: 200, groupsOfPort: 3);
        var scenario = PortGroupScenario.Of(workload);

        Assert.Equal(workload, PortGroupWorkload.Parse(workload.ToJson()));
        Assert.Equal(500, Sound(scenario.Documents).Interfaces.Count);
        AssertSound(
            scenario.Documents,
            now => scenario.AddAddress(now, 3, IpAddress.Parse("172.31.0.1")),
            now => scenario.Join(now, 3, 7),
            now => scenario.AddRule(now, new("new", "g1", "g3", 80)),
            now => scenario.AddRemotePort(now, 500, 3));
    }

    [Fact]
    public void Workload_of_another_default_or_protocol_is_refused()
    {
        Assert.Throws<FormatException>(() => PortGroupWorkload.Parse("""{"ports": [], "groups": [], "rules": [], "default": "allow"}"""));
        Assert.Throws<FormatException>(() => PortGroupWorkload.Parse(
            """{"ports": [], "groups": [], "rules": [{"id": "r", "from": "g", "to": "g", "proto": "udp", "port": 1}], "default": "deny-ingress"}"""));
    }

    [Fact]
    public void One_port_has_a_hundred_rules_to_it()
    {
        var state = Sound(OnePortScenario.Documents());

        Assert.Single(state.Interfaces, i => i.Interface.Attachment?.Host == OnePortScenario.Host);
        Assert.Equal(101, state.Documents.OfType<PolicyDocument>().Sum(p => p.Rules.Count));
    }

    [Fact]
    public void Shapes_are_sound_and_their_sizes_are_counted()
    {
        Assert.All(FlowShape.All, s => Assert.True(FlowSizes.Of(Sound(s.Documents), FlowShape.Host).Product > 0));

        // 100 far and 100 near addresses and 50 ports in one rule; the far ones are named.
        Assert.Equal(new FlowSizes(500_000, 100 + 100 + 50 + 1 + 100), FlowSizes.Of(Sound(FlowShape.All[1].Documents), FlowShape.Host));
    }

    private static DocumentSet AssertSound(DocumentSet documents, params ReadOnlySpan<Func<DocumentSet, DocumentChanges>> changes)
    {
        foreach (var change in changes)
        {
            var made = change(documents);
            Assert.NotEmpty(made);
            documents = documents.With(made);
            Sound(documents);
        }

        return documents;
    }

    private static State Sound(DocumentSet documents)
    {
        Assert.All(documents, d => Assert.Empty(DocumentValidator.Validate(d)));
        var result = StateValidator.Validate(new Revision(1), documents);
        Assert.Equal(ValueList<DocumentError>.Empty, result.Errors);
        return result.State!; // there are no errors
    }
}
