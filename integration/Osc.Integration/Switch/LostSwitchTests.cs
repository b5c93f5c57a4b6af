using Osc.Flows;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;
using Xunit;

namespace Osc.Integration.Switch;

/// <summary>Switches, bridges and databases that are not there, or go away: outcomes with a clear text.</summary>
public sealed class LostSwitchTests
{
    private static readonly FlowSet Desired = FlowSet.Of([FlowTextParser.Parse($"cookie=0x{new FlowCookie(FlowPurpose.Rule, 1).Value:x},table=1,priority=10,actions=resubmit(,2)")]);

    [Fact]
    public async Task A_switch_that_is_not_there_is_an_outcome()
    {
        await using var client = new SwitchClient(SwitchSockets.In("/nonexistent/openvswitch"));

        var outcome = await client.ReconcileAsync(LabSwitch.Bridge, Desired, PortBinding.Empty, CancellationToken.None);
        Assert.Equal((ReconcileStatus.Unavailable, "no Open vSwitch runs in /nonexistent/openvswitch: /nonexistent/openvswitch/br0.mgmt does not exist"), (outcome.Status, outcome.Detail));

        var events = new List<InventoryEvent>();
        await foreach (var next in client.WatchAsync(CancellationToken.None))
        {
            events.Add(next);
        }

        Assert.Equal([new InventoryLost("no Open vSwitch database: /nonexistent/openvswitch/db.sock does not exist")], events);
    }

    [Fact]
    public async Task A_bridge_that_is_not_there_is_an_outcome()
    {
        await using var lab = await LabSwitch.StartAsync();
        var outcome = await lab.Client.ReconcileAsync(PortName.Parse("br9"), Desired, PortBinding.Empty, CancellationToken.None);
        Assert.Equal(ReconcileStatus.Unavailable, outcome.Status);
        Assert.StartsWith("the switch has no bridge 'br9'", outcome.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_of_the_switch_is_announced_and_asks_for_a_full_reconcile()
    {
        await using var lab = await LabSwitch.StartAsync();
        var lost = new TaskCompletionSource<PortName>();
        lab.Client.ConnectionLost += bridge => lost.TrySetResult(bridge);
        Assert.True((await lab.ReconcileAsync(Desired, PortBinding.Empty)).IsApplied);

        await lab.Instance.KillDaemonAsync();
        Assert.Equal(LabSwitch.Bridge, await lost.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        var whileDown = await lab.ReconcileAsync(Desired, PortBinding.Empty);
        await lab.Instance.StartDaemonAsync();
        var fast = await lab.Client.ApplyAsync(new(LabSwitch.Bridge, Desired.ToValueList(), []), CancellationToken.None);
        var full = await lab.ReconcileAsync(Desired, PortBinding.Empty);

        Assert.Equal(ReconcileStatus.Unavailable, whileDown.Status);
        Assert.Equal(ReconcileStatus.StateUnknown, fast.Status);
        Assert.Equal((ReconcileStatus.Applied, 1), (full.Status, full.Added));
    }

    [Fact]
    public async Task The_inventory_follows_ports_and_ends_with_the_database()
    {
        await using var lab = await LabSwitch.StartAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var events = lab.Client.WatchAsync(patience.Token).GetAsyncEnumerator(patience.Token);

        async Task<SwitchBridge> UntilAsync(Func<SwitchBridge, bool> condition)
        {
            while (await events.MoveNextAsync())
            {
                if (Assert.IsType<InventoryKnown>(events.Current).Inventory.Find(LabSwitch.Bridge) is { } bridge && condition(bridge))
                {
                    return bridge;
                }
            }

            throw new InvalidOperationException("the inventory ended");
        }

        var bridge = await UntilAsync(b => b.Ports.Count == 4 && b.Ports.All(p => p.OpenFlowPort is not null));
        Assert.Equal(("netdev", "secure", 16), (bridge.DatapathType, bridge.FailMode, bridge.DatapathId?.Length));
        Assert.Equal(0xfffffffe, bridge.Ports.Single(p => p.Name == LabSwitch.Bridge).OpenFlowPort);

        await lab.AddPortAsync("p7", number: 77, interfaceId: "id-7");
        bridge = await UntilAsync(b => b.Ports.Any(p => p.OpenFlowPort == 77));
        Assert.Equal("id-7", bridge.Ports.Single(p => p.OpenFlowPort == 77).IfaceId);
        Assert.Equal(77u, PortBinding.Of(bridge).Find(PortName.Parse("id-7")));

        await lab.Instance.VsctlAsync("set", "interface", "p7", "external_ids:attached-mac=02:00:00:00:00:77", "external_ids:xs-vif-uuid=u-7");
        bridge = await UntilAsync(b => b.Ports.Any(p => p.XsVifUuid == "u-7"));
        Assert.Equal("02:00:00:00:00:77", bridge.Ports.Single(p => p.XsVifUuid == "u-7").AttachedMac);

        await lab.Instance.Netns.IpAsync("link set p7 up");
        await UntilAsync(b => b.Ports.Any(p => p is { OpenFlowPort: 77, LinkUp: true }));

        await lab.Instance.RemovePortAsync(LabSwitch.Bridge, "p7");
        await UntilAsync(b => b.Ports.All(p => p.OpenFlowPort != 77));

        await lab.Instance.KillDatabaseAsync();
        while (await events.MoveNextAsync() && events.Current is not InventoryLost)
        {
        }

        Assert.Contains("db.sock", Assert.IsType<InventoryLost>(events.Current).Reason, StringComparison.Ordinal);
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task Flows_wait_for_the_port_they_match_and_send_to_the_ports_that_are_there()
    {
        await using var lab = await LabSwitch.StartAsync();
        var ports = await lab.BindingAsync();
        var flows = Flows("in_port=\"p9\",actions=output:\"p1\"", "reg0=0x1,actions=output:\"p1\",output:\"p9\",output:\"p2\"", "reg0=0x2,actions=output:\"p9\"", "reg0=0x3,actions=output:\"p1\"");
        var whole = Flows("reg0=0x1,actions=output:\"p1\",output:\"p2\"", "reg0=0x2,actions=drop", "reg0=0x3,actions=output:\"p1\"");

        var without = await lab.ReconcileAsync(flows, ports);
        Assert.Equal((3, 1, new UnboundPort(PortName.Parse("p9"), 3)), (without.Added, without.Waiting, Assert.Single(without.Unbound)));
        Assert.Equal(whole, await lab.DumpAsync(ports));
        Assert.True((await lab.ReconcileAsync(flows, ports)).FoundRight);

        await lab.AddPortAsync("p9", number: 41);
        var came = await lab.Client.RebindAsync(LabSwitch.Bridge, flows, await lab.BindingAsync(b => b.Ports.Any(p => p.OpenFlowPort == 41)), CancellationToken.None);
        Assert.Equal((1, 2, 0, 0), (came.Added, came.Modified, came.Removed, came.Waiting));

        await lab.Instance.RemovePortAsync(LabSwitch.Bridge, "p9");
        await lab.AddPortAsync("p9", number: 42);
        var moved = await lab.BindingAsync(b => b.Ports.Any(p => p.OpenFlowPort == 42));
        Assert.True((await lab.Client.RebindAsync(LabSwitch.Bridge, flows, moved, CancellationToken.None)).IsApplied);
        Assert.Equal(flows, await lab.DumpAsync(moved));

        await lab.Instance.RemovePortAsync(LabSwitch.Bridge, "p9");
        var went = await lab.Client.RebindAsync(
            LabSwitch.Bridge, flows, await lab.BindingAsync(b => b.Ports.All(p => p.Name.Value != "p9")), CancellationToken.None);
        Assert.Equal((1, 2, 1, 1), (went.Removed, went.Modified, went.Waiting, went.Unchanged));
        Assert.Equal(whole, await lab.DumpAsync(ports));
        Assert.True((await lab.ReconcileAsync(flows, ports)).FoundRight);
    }

    private static FlowSet Flows(params string[] rest) =>
        FlowSet.Of(rest.Select(r => FlowTextParser.Parse($"cookie=0x{new FlowCookie(FlowPurpose.Port, 0).Value:x},table=1,priority=10,{r}")));
}
