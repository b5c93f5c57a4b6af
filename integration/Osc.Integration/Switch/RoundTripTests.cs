using Osc.Switch.Reconcile;
using Xunit;

namespace Osc.Integration.Switch;

/// <summary>What we write, what a real switch makes of it, and what ovs-ofctl says.</summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_kind_of_flow_is_found_right_after_it_was_installed()
    {
        await using var lab = await LabSwitch.StartAsync();
        output.WriteLine($"Open vSwitch {await lab.Instance.VersionAsync()}");
        var ports = await lab.BindingAsync();

        var first = await lab.ReconcileAsync(FlowSamples.All, ports);
        Assert.True(first.IsApplied, Explain(first));
        Assert.Equal(FlowSamples.All.Count, first.Added);

        var second = await lab.ReconcileAsync(FlowSamples.All, ports);
        Assert.True(second.FoundRight, Explain(second));
        Assert.Equal(FlowSamples.All.Count, second.Unchanged);

        Assert.Equal("", await lab.OfctlAsync("diff-flows", FlowSamples.All));
        Assert.Equal(FlowSamples.All.Select(f => f.ToString()), (await lab.DumpAsync(ports)).Select(f => f.ToString()));
    }

    [Fact]
    public async Task Flows_that_ofctl_installed_from_our_text_are_found_right()
    {
        await using var lab = await LabSwitch.StartAsync();
        var ports = await lab.BindingAsync();
        await lab.Instance.AddMeterAsync(LabSwitch.Bridge);
        await lab.OfctlAsync("add-flows", FlowSamples.All);

        var outcome = await lab.ReconcileAsync(FlowSamples.All, ports);
        Assert.True(outcome.FoundRight, Explain(outcome));
        Assert.Equal(FlowSamples.All.Count, outcome.Unchanged);
        Assert.Equal(FlowSamples.All.Select(f => f.ToString()), (await lab.DumpAsync(ports)).Select(f => f.ToString()));
    }

    private static string Explain(ReconcileOutcome outcome) =>
        $"{outcome.Status} {outcome.Detail} +{outcome.Added} ~{outcome.Modified} -{outcome.Removed}\n{string.Join('\n', outcome.Refused)}";
}
