using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Scenarios;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>"flows add up, they never multiply" and "An address that joins a group is one flow-mod, however many rules use the group."</summary>
public sealed class FlowCountTests
{
    private static readonly Name H1 = Name.Parse("h1");

    /// <summary>One rule from so many groups of one member each to so many, for so many ports; the far ends are elsewhere.</summary>
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(3, 1, 1, 3)]
    [InlineData(2, 2, 1, 4)]
    [InlineData(2, 2, 2, 7)]
    [InlineData(3, 2, 1, 6)]
    [InlineData(3, 3, 1, 8)]
    [InlineData(10, 10, 10, 31)]
    [InlineData(40, 1, 1, 40)]
    [InlineData(20, 30, 5, 56)]
    public void Rule_takes_the_sum_of_its_dimensions_and_one_or_their_product_if_smaller(int sources, int destinations, int ports, int count)
    {
        var documents = new List<Document> { Host("h1"), Host("h2"), Network("front", Vlan(101), "10.1.0.0/24") };
        for (var i = 0; i < sources + destinations; i++)
        {
            documents.Add(Workload($"w{i}", $"n={i}", Nic(i + 1, i < sources ? "h2" : "h1", "front", $"10.1.0.{i + 1}")));
            documents.Add(Group($"g{i}", OfWorkload($"w{i}")));
        }

        var from = string.Join(' ', Enumerable.Range(0, sources).Select(i => $"g{i}"));
        var to = string.Join(' ', Enumerable.Range(sources, destinations).Select(i => $"g{i}"));
        documents.Add(PolicyOf("p", Allow("r", from, to, string.Join(' ', Enumerable.Range(0, ports).Select(i => $"tcp/{i * 2}"))).For(Direction.In)));

        Assert.Equal(count, RuleFlowsOf(HostCompiler.Compile(World.OfOnly([.. documents]).State, H1, HostNumbering.Empty)).Count());
    }

    [Fact]
    public void Rules_of_random_states_take_no_more_flows_than_their_sum_or_product()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var state = RandomScenario.Of(seed).State;
            foreach (var host in state.Hosts)
            {
                var compiled = HostCompiler.Compile(state, host.Metadata.Name, HostNumbering.Empty);
                foreach (var (view, bridge) in BridgeView.Of(state, host).Zip(compiled.Flows.Bridges))
                {
                    var flows = bridge.Flows.Where(f => FlowCookie.Of(f.Cookie).Rule is not null).CountBy(f => (f.Table, FlowCookie.Of(f.Cookie).Number)).ToDictionary();
                    var numbers = new BridgeNumbers(bridge.Bridge, compiled.Numbering);
                    foreach (var (rule, dimensions) in HostCompiler.Prepare(view).Rules)
                    {
                        int[] counts = [.. dimensions.Terms(numbers).Alternatives(rule.Side).Select(d => d.Count)];
                        var bound = Math.Min(counts.Sum() + 1, counts.Aggregate(1L, (product, n) => product * n));

                        Assert.Equal(bound, flows.GetValueOrDefault((rule.Table.Id, compiled.Numbering.Rules[rule.Rule.Key.ToString()])));
                    }
                }
            }
        }
    }

    /// <summary>web-3 is elsewhere and becomes a member of what web-2 is a member of: one flow more, beside those that carry the epoch.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(200)]
    public void Address_that_joins_a_group_is_one_flow_however_many_rules_name_the_group(int rules)
    {
        Document[] intent =
        [
            Group("web", Selected("app = web")),
            Group("db", Selected("app = db")),
            PolicyOf("p", [.. Enumerable.Range(0, rules).Select(i => Allow($"r{i}", i % 2 == 0 ? "web" : "", "db web", $"tcp/{i}"))]),
        ];
        var before = HostCompiler.Compile(World.Of([.. intent, Workload("web-3", "app=none", Nic(51, "h2", "front", "10.1.0.51"))]).State, H1, HostNumbering.Empty);
        var after = HostCompiler.Update(World.Of([.. intent, Workload("web-3", "app=web", Nic(51, "h2", "front", "10.1.0.51"))]).State, H1, before);

        var delta = Assert.Single(FlowDelta.Between(before.Flows, after.Flows).Bridges);

        Assert.Equal(PipelineTable.Identify.Id, Assert.Single(delta.Add, f => !CarriesEpoch(f)).Table);
        Assert.DoesNotContain(delta.Remove, f => !CarriesEpoch(f));
        Assert.Equal(before.Numbering.Classes.ByName, after.Numbering.Classes.ByName);
    }

    /// <summary>A local address has its flow already, for its owner: joining changes that one.</summary>
    [Fact]
    public void Local_address_that_joins_a_group_changes_one_identify_flow()
    {
        Document[] intent = [Group("web", Selected("app = web")), PolicyOf("p", Allow("r", "", "web", "tcp/80"), Allow("s", "web", "", "tcp/80"))];
        var before = HostCompiler.Compile(World.Of([.. intent, Workload("web-3", "app=none", Nic(51, "h1", "front", "10.1.0.51"))]).State, H1, HostNumbering.Empty);
        var after = HostCompiler.Update(World.Of([.. intent, Workload("web-3", "app=web", Nic(51, "h1", "front", "10.1.0.51"))]).State, H1, before);

        var delta = Assert.Single(FlowDelta.Between(before.Flows, after.Flows).Bridges);

        var added = Assert.Single(delta.Add, f => f.Table == PipelineTable.Identify.Id);
        Assert.Equal(added.Key, Assert.Single(delta.Remove, f => f.Table == PipelineTable.Identify.Id).Key);
        Assert.DoesNotContain(delta.Add, f => f != added && !CarriesEpoch(f));
    }

    private static bool CarriesEpoch(Flow flow) => flow.Table == PipelineTable.Connection.Id || flow.Table == PipelineTable.Commit.Id;

    private static IEnumerable<Flow> RuleFlowsOf(CompiledHost host) =>
        host.Flows.Bridges.SelectMany(b => b.Flows).Where(f => FlowCookie.Of(f.Cookie).Rule is not null);
}
