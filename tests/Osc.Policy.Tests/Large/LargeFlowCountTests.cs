using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Osc.Scenarios.Large;
using Xunit;

namespace Osc.Policy.Tests.Large;

/// <summary>How many flows a host has, all counted, where others have published or shown what theirs take.</summary>
public sealed class LargeFlowCountTests
{
    public static TheoryData<string> Shapes => [.. FlowShape.All.Select(s => s.Name)];

    /// <summary>OVN 23.03 puts 25,995 there.</summary>
    [Fact]
    public void Host_of_100_among_1000_ports_under_1000_rules_has_at_most_3000_flows() =>
        Assert.InRange(CountOf(PortGroupScenario.Of(PortGroupWorkload.Small).Documents, PortGroupScenario.FirstHost), 1_000, 3_000);

    /// <summary>OVN 23.03 puts 67,585 there.</summary>
    [Fact]
    public void Host_of_100_among_10000_ports_under_5000_rules_has_at_most_11000_flows() =>
        Assert.InRange(CountOf(PortGroupScenario.Of(PortGroupWorkload.Medium).Documents, PortGroupScenario.FirstHost), 5_000, 11_000);

    /// <summary>OpenStack Neutron's agent (Zed) adds 452 to those that it has for any port.</summary>
    [Fact]
    public void Port_with_99_literal_ranges_and_a_remote_group_of_100_has_fewer_than_320_flows() =>
        Assert.InRange(CountOf(OnePortScenario.Documents(), OnePortScenario.Host), 199, 319);

    /// <summary>Above what the host has without rules: members, port matches and one for each rule, and what identifies the members.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Flows_of_a_shape_add_up_and_do_not_multiply(string name)
    {
        var documents = FlowShape.All.Single(s => s.Name == name).Documents;
        var without = CountOf(DocumentSet.Of(documents.Where(d => d.Kind != Kind.Policy)), FlowShape.Host);
        var sum = FlowSizes.Of(StateOf(documents), FlowShape.Host).Sum;

        Assert.InRange(CountOf(documents, FlowShape.Host) - without, 1, sum);
    }

    private static int CountOf(DocumentSet documents, Name host) => HostCompiler.Compile(StateOf(documents), host, HostNumbering.Empty).Flows.Bridges.Sum(b => b.Flows.Count);

    private static State StateOf(DocumentSet documents)
    {
        var result = StateValidator.Validate(new Revision(1), documents);
        Assert.Equal(ValueList<DocumentError>.Empty, result.Errors);
        return result.State!; // there are no errors
    }
}
