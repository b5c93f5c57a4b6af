using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Policy.Tests.Validation;

public sealed class PolicySetTests
{
    public static TheoryData<string> Sets => [.. Directory.GetDirectories(Repository.PathOf("policies")).Select(d => Path.GetFileName(d)!).Order()];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Policy_set_has_no_errors_and_is_enforced_when_read(string set)
    {
        var read = DocumentDirectory.Read(Repository.PathOf("policies", set));
        var result = StateValidator.Validate(new Revision(1), read);

        Assert.Empty(result.Errors.Select(e => e.ToString()));
        var state = Assert.IsType<State>(result.State);
        Assert.Empty(EnforcementCheck.Check(state.Documents).Select(e => e.ToString()));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Policy_set_runs_on_two_hosts_with_a_port_for_each_interface(string set)
    {
        var state = StateValidator.Validate(new Revision(1), DocumentDirectory.Read(Repository.PathOf("policies", set))).State!;

        Assert.Equal(["h1", "h2"], state.Hosts.Select(h => h.Metadata.Name.Value));
        Assert.All(state.Hosts, h => Assert.Equal([new Bridge(PortName.Parse("br-int"), [PortName.Parse("trunk")])], h.Bridges));
        Assert.All(state.Interfaces, i => Assert.NotNull(i.Interface.Attachment));
        Assert.InRange(state.Documents.OfType<WorkloadDocument>().Count(), 6, 8);
    }

    [Fact]
    public void Three_tier_shop_has_three_workloads_on_each_host()
    {
        var state = StateValidator.Validate(new Revision(1), DocumentDirectory.Read(Repository.PathOf("policies", "three-tier-shop"))).State!;

        var hosts = state.Interfaces.GroupBy(i => i.Interface.Attachment!.Host.Value).OrderBy(g => g.Key).Select(g => (g.Key, g.Count()));
        Assert.Equal([("h1", 3), ("h2", 3)], hosts);
    }
}
