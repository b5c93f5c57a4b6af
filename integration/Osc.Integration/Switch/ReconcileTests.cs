using Osc.Flows;
using Osc.Lab;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.Reconcile;
using Xunit;

namespace Osc.Integration.Switch;

/// <summary>Reconciling on a real switch: every difference is seen, nothing else is touched, refusals change nothing.</summary>
public sealed class ReconcileTests
{
    private static readonly PortName[] Ports = [.. new[] { "p1", "p2", "p3" }.Select(PortName.Parse)];

    private static string Cookie(uint number) => $"0x{new FlowCookie(FlowPurpose.Rule, number).Value:x}";

    private static Flow Flow(string rest, uint number = 1) => FlowTextParser.Parse($"cookie={Cookie(number)},{rest}");

    public static TheoryData<string[], int, int, int> Drifts => new()
    {
        // What ovs-ofctl does behind our back, and what we then add, modify and remove.
        { ["add-flow", $"cookie={Cookie(9)},table=5,priority=9,tcp,actions=drop"], 0, 0, 1 },
        { ["add-flow", $"cookie={Cookie(1)},table=1,priority=10,actions=output:1"], 0, 1, 0 },
        { ["add-flow", $"cookie={Cookie(2)},table=1,priority=10,actions=resubmit(,2)"], 0, 1, 0 },
        { ["add-flow", $"cookie={Cookie(1)},table=1,priority=10,idle_timeout=600,actions=resubmit(,2)"], 0, 1, 0 },
        { ["add-flow", $"cookie={Cookie(1)},table=1,priority=10,send_flow_rem,no_byte_counts,actions=resubmit(,2)"], 0, 1, 0 },
        { ["add-flow", $"cookie={Cookie(1)},table=1,priority=10,send_flow_rem,actions=resubmit(,3)"], 0, 1, 0 },
        { ["add-flow", $"cookie={Cookie(1)},table=1,priority=20,ip,reg1=0x10/0xf0,actions=set_field:0x11/0xff->reg2"], 0, 1, 0 },
        { ["add-flow", $"cookie={Cookie(1)},table=1,priority=20,ip,reg1=0x10/0xff,actions=set_field:0x10/0xff->reg2"], 0, 0, 1 },
        { ["add-flow", $"cookie={Cookie(1)},table=1,priority=30,ip,actions=ct(commit,zone=NXM_NX_REG1[0..15],exec(set_field:0x8->ct_mark))"], 0, 1, 0 },
        { ["add-flow", $"cookie={Cookie(1)},table=1,priority=30,ip,actions=ct(commit,zone=7,exec(set_field:0x7->ct_mark))"], 0, 1, 0 },
        { ["add-flow", $"cookie={Cookie(1)},table=1,priority=40,actions=write_actions(drop)"], 0, 0, 1 },
        { ["del-flows", "--strict", "table=1,priority=10"], 1, 0, 0 },
        { ["del-flows", "table=1"], 3, 0, 0 },
    };

    [Theory]
    [MemberData(nameof(Drifts))]
    public async Task Reconcile_puts_right_any_single_drift(string[] ofctl, int added, int modified, int removed)
    {
        await using var lab = await LabSwitch.StartAsync();
        var desired = FlowSet.Of(
        [
            Flow("table=1,priority=10,actions=resubmit(,2)"),
            Flow("table=1,priority=20,ip,reg1=0x10/0xf0,actions=set_field:0x10/0xff->reg2"),
            Flow("table=1,priority=30,ip,actions=ct(commit,zone=NXM_NX_REG1[0..15],exec(set_field:0x7->ct_mark))"),
        ]);
        Assert.True((await lab.ReconcileAsync(desired, PortBinding.Empty)).IsApplied);

        await lab.Instance.OfctlAsync(["-O", "OpenFlow15", .. ofctl.TakeWhile(a => !a.Contains('=')), "br0", .. ofctl.SkipWhile(a => !a.Contains('='))]);
        var outcome = await lab.ReconcileAsync(desired, PortBinding.Empty);

        Assert.Equal((ReconcileStatus.Applied, added, modified, removed), (outcome.Status, outcome.Added, outcome.Modified, outcome.Removed));
        Assert.True((await lab.ReconcileAsync(desired, PortBinding.Empty)).FoundRight);
        Assert.Equal(desired, await lab.DumpAsync(PortBinding.Empty));
    }

    [Fact]
    public async Task Reconcile_leaves_flows_of_other_owners_alone_and_does_not_take_their_place()
    {
        await using var lab = await LabSwitch.StartAsync();
        await lab.Instance.OfctlAsync("add-flow", "br0", "cookie=0x1,table=0,priority=4000,ip,actions=drop");

        var beside = await lab.ReconcileAsync(FlowSet.Of([Flow("table=0,priority=4001,ip,actions=drop")]), PortBinding.Empty);
        var above = await lab.ReconcileAsync(FlowSet.Of([Flow("table=0,priority=4000,ip,actions=resubmit(,1)")]), PortBinding.Empty);

        Assert.Equal((ReconcileStatus.Applied, 1, 0), (beside.Status, beside.Added, beside.Removed));
        Assert.Equal(ReconcileStatus.Refused, above.Status);
        Assert.Contains("another owner (cookie 0x1)", Assert.Single(above.Refused).Error, StringComparison.Ordinal);
        var dump = await lab.Instance.OfctlAsync("dump-flows", "br0");
        Assert.Contains("cookie=0x1,", dump, StringComparison.Ordinal);
        Assert.Contains("priority=4001", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_replaces_the_flow_that_makes_a_bridge_a_learning_switch()
    {
        await using var lab = await LabSwitch.StartAsync(FailMode.Standalone);
        Assert.Contains("NORMAL", await lab.Instance.OfctlAsync("dump-flows", "br0"), StringComparison.Ordinal);

        var outcome = await lab.ReconcileAsync(FlowSet.Of([Flow("table=0,priority=0,actions=drop")]), PortBinding.Empty);

        Assert.True(outcome.IsApplied, outcome.Detail);
        Assert.DoesNotContain("NORMAL", await lab.Instance.OfctlAsync("dump-flows", "br0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_names_every_flow_that_the_switch_refuses_and_changes_nothing()
    {
        await using var lab = await LabSwitch.StartAsync();
        var before = FlowSet.Of([Flow("table=9,priority=1,actions=drop")]);
        await lab.ReconcileAsync(before, PortBinding.Empty);
        Flow[] bad = [Flow("table=1,priority=500,tcp_dst=80,actions=drop"), Flow("table=1,priority=600,actions=set_field:1->ct_zone")];

        var outcome = await lab.ReconcileAsync(
            FlowSet.Of(Enumerable.Range(0, 400).Select(i => Flow($"table=1,priority={1000 + i},actions=drop")).Concat(bad)), PortBinding.Empty);

        Assert.Equal(ReconcileStatus.Refused, outcome.Status);
        Assert.Equal(
            [(bad[0], "OFPBMC_BAD_PREREQ"), (bad[1], "OFPBAC_BAD_SET_ARGUMENT")],
            outcome.Refused.Select(r => (r.Flow, r.Error)).OrderBy(r => r.Flow.Priority));
        Assert.Equal(before, await lab.DumpAsync(PortBinding.Empty));
    }

    [Fact]
    public async Task Counters_survive_a_reconcile_and_a_change_of_actions()
    {
        await using var lab = await LabSwitch.StartAsync();
        var ports = await lab.BindingAsync();
        Flow Second(string actions) => Flow($"table=1,priority=20,actions={actions}");
        await lab.ReconcileAsync(FlowSet.Of([Flow("table=1,priority=20,actions=drop")]), ports);
        await lab.Instance.OfctlAsync("packet-out", "br0", "in_port=1 packet=0200000000020200000000010800450000140000000040000000000000000000000000 actions=resubmit(,1)");
        var delta = new BridgeDelta(LabSwitch.Bridge, [Second("drop")], [Second("output:\"p1\"")]);

        var outcomes = new[]
        {
            await lab.ReconcileAsync(FlowSet.Of([Second("drop")]), ports),
            await lab.ReconcileAsync(FlowSet.Of([Second("output:\"p2\"")]), ports),
            await lab.ReconcileAsync(FlowSet.Of([Second("drop")]), ports),
            await lab.Client.ApplyAsync(delta, CancellationToken.None),
        };

        Assert.Equal([0, 1, 1, 1], outcomes.Select(o => o.Modified));
        var dump = await lab.Instance.OfctlAsync("dump-flows", "br0");
        Assert.Contains("n_packets=1,", dump, StringComparison.Ordinal);
        Assert.Contains("actions=output", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_beyond_one_bundle_goes_in_several()
    {
        await using var lab = await LabSwitch.StartAsync();
        var all = FlowSet.Of(Enumerable.Range(0, 333).Select(i => Flow($"table={i % 7},priority={1000 + i},actions=drop")));
        await using var client = new SwitchClient(lab.Sockets) { Limits = SwitchLimits.Default with { ChangesOfBundle = 50 } };

        var installed = await client.ReconcileAsync(LabSwitch.Bridge, all, PortBinding.Empty, CancellationToken.None);
        Assert.Equal((ReconcileStatus.Applied, 333), (installed.Status, installed.Added));
        Assert.Equal(all, await lab.DumpAsync(PortBinding.Empty));

        var removed = await client.ReconcileAsync(LabSwitch.Bridge, FlowSet.Empty, PortBinding.Empty, CancellationToken.None);
        Assert.Equal((ReconcileStatus.Applied, 333), (removed.Status, removed.Removed));
        Assert.Equal(FlowSet.Empty, await lab.DumpAsync(PortBinding.Empty));
    }

    [Fact]
    public async Task Known_differences_end_in_the_same_flows_as_a_full_reconcile()
    {
        await using var lab = await LabSwitch.StartAsync();
        var ports = await lab.BindingAsync();
        var random = new Random(7);
        var now = FlowSet.Empty;
        await lab.ReconcileAsync(now, ports);
        for (var step = 0; step < 60; step++)
        {
            var next = Next(now, random);
            var outcome = await lab.Client.ApplyAsync(BridgeDelta.Between(LabSwitch.Bridge, now, next), CancellationToken.None);
            now = next;
            if (random.Next(3) == 0)
            {
                ports = Renumbered(random);
                outcome = await lab.Client.RebindAsync(LabSwitch.Bridge, now, ports, CancellationToken.None);
            }

            Assert.True(outcome.IsApplied, outcome.Detail);
            await using var other = new SwitchClient(lab.Sockets);
            var check = await other.ReconcileAsync(LabSwitch.Bridge, now, ports, CancellationToken.None);
            Assert.True(check.FoundRight, $"step {step}: {check}");
            Assert.Equal((check.Waiting, check.Unbound), (outcome.Waiting, outcome.Unbound));
            Assert.Equal(check.Unchanged, outcome.Added + outcome.Modified + outcome.Unchanged);
        }
    }

    private static FlowSet Next(FlowSet now, Random random)
    {
        var flows = now.Where(_ => random.Next(5) > 0).ToDictionary(f => f.Key);
        for (var i = 0; i < 8; i++)
        {
            var port = Ports[random.Next(Ports.Length)];
            var flow = Flow($"table=1,priority={random.Next(4)},in_port=\"{port}\",actions=output:\"{Ports[random.Next(Ports.Length)]}\"", (uint)random.Next(2));
            flows[flow.Key] = flow;
        }

        return FlowSet.Of(flows.Values);
    }

    /// <summary>Numbers dealt anew, so that ports swap them, and some ports without one.</summary>
    private static PortBinding Renumbered(Random random)
    {
        var numbers = new uint[] { 1, 2, 3 };
        random.Shuffle(numbers);
        return PortBinding.Of(Ports.Zip(numbers).Where(_ => random.Next(4) > 0).ToDictionary(p => p.First, p => p.Second));
    }
}
