using Osc.Bus;
using Osc.Bus.Updates;
using Osc.Flows;
using Xunit;
using static Osc.Agent.Tests.AgentHarness;

namespace Osc.Agent.Tests;

public sealed class AgentServiceTests
{
    private static readonly Flow One = FlowOn(1, "vif1.0");
    private static readonly Flow Two = FlowOn(2, "vif2.0");
    private static readonly Flow Three = FlowOn(3, "vif1.0");
    private static readonly HostFlows First = HostFlowsOf(1, ("br0", [One]));
    private static readonly HostFlows Second = HostFlowsOf(2, ("br0", [One, Three]));
    private static readonly Osc.Switch.Ovsdb.SwitchBridge Br0 = Bridge("br0", ("vif1.0", 1), ("vif2.0", 2));

    [Fact]
    public async Task An_agent_that_holds_nothing_touches_nothing_and_says_so()
    {
        await using var h = new AgentHarness();
        h.Switch.Announce(Br0);
        h.Start();
        var hello = await h.HearHelloAsync(_ => true);
        Assert.Equal((0, FlowDigest.Empty.ToString(), "3.1.0"), (hello.Revision, hello.Digest, hello.SwitchVersion));
        Assert.Equal("no flows are held: a snapshot is needed", hello.Problem);
        Assert.Equal(["br0"], hello.Bridges);
        Assert.Empty(h.Switch.Calls);
    }

    [Fact]
    public async Task A_snapshot_is_kept_applied_and_acknowledged()
    {
        await using var h = await StartedAsync();
        await h.SendAsync(First, "u1");
        var ack = await h.HearAsync(m => m.Ack);
        Assert.Equal(("u1", 1L, First.Digest.ToString(), 1), (ack.Update, ack.Revision, ack.Digest, ack.Flows));
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        Assert.Equal(First.Digest, h.Kept()!.Digest);
    }

    [Fact]
    public async Task A_delta_goes_the_fast_path()
    {
        await using var h = await StartedAsync(First);
        await h.SendAsync(DeltaUpdates.Write(First, Second, "u2")!);
        Assert.Equal(Second.Digest.ToString(), (await h.HearAsync(m => m.Ack)).Digest);
        Assert.Equal(["reconcile br0", "apply br0"], h.Switch.Calls);
        Assert.Equal(Texts(One, Three), h.Switch.FlowsOf("br0"));
        Assert.Equal(2, h.Kept()!.Revision.Number);
    }

    [Fact]
    public async Task A_delta_from_another_base_is_refused_and_nothing_changes()
    {
        await using var h = await StartedAsync(First);
        await h.SendAsync(DeltaUpdates.Write(Second, HostFlowsOf(3, ("br0", [Two])), "u3")!);
        var refusal = await h.HearAsync(m => m.Refusal);
        Assert.Equal(("u3", 3L, RefusalReason.WrongBase), (refusal.Update, refusal.Revision, refusal.Reason));
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        Assert.Equal(1, h.Kept()!.Revision.Number);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task A_message_of_the_past_is_refused_and_nothing_changes(long generation)
    {
        await using var h = await StartedAsync(First);
        var (forth, back) = (DeltaUpdates.Write(First, Second, "u2")!, DeltaUpdates.Write(Second, First with { Revision = new(3) }, "u3")!);
        foreach (var delta in new[] { forth, back })
        {
            await h.Bus.TrySendAsync(new() { Host = "h1", Delta = delta, Generation = generation }, default);
            await h.HearAsync(m => m.Ack);
        }

        var touched = h.Switch.Touched;
        await h.Bus.TrySendAsync(new() { Host = "h1", Delta = forth, Generation = generation }, default); // its base is held, by its digest
        Assert.Equal(("u2", RefusalReason.Stale), await RefusalAsync(h));
        foreach (var chunk in SnapshotWriter.Split(Second, "u4"))
        {
            await h.Bus.TrySendAsync(new() { Host = "h1", Snapshot = chunk, Generation = generation }, default);
        }

        Assert.Equal(("u4", RefusalReason.Stale), await RefusalAsync(h));
        Assert.Equal((touched, 3L), (h.Switch.Touched, h.Kept()!.Revision.Number));
    }

    [Fact]
    public async Task A_store_that_was_restored_leads_back_and_the_one_before_it_no_more()
    {
        await using var h = await StartedAsync(First);
        await SnapshotAsync(Second, "u2", 7);
        Assert.Equal("u2", (await h.HearAsync(m => m.Ack)).Update);
        await SnapshotAsync(First, "u3", 9);
        Assert.Equal("u3", (await h.HearAsync(m => m.Ack)).Update);
        Assert.Equal(1, h.Kept()!.Revision.Number);
        await SnapshotAsync(HostFlowsOf(8, ("br0", [Two])), "u4", 7);
        Assert.Equal(("u4", RefusalReason.Stale), await RefusalAsync(h));
        await h.StopAsync();
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearInForceAsync(1);
        await SnapshotAsync(HostFlowsOf(8, ("br0", [Two])), "u5", 8);
        Assert.Equal(("u5", RefusalReason.Stale), await RefusalAsync(h));
        Assert.Equal(1, h.Kept()!.Revision.Number);

        async Task SnapshotAsync(HostFlows flows, string update, long generation)
        {
            foreach (var chunk in SnapshotWriter.Split(flows, update))
            {
                await h.Bus.TrySendAsync(new() { Host = "h1", Snapshot = chunk, Generation = generation }, default);
            }
        }
    }

    [Fact]
    public async Task A_delta_where_nothing_is_held_is_refused()
    {
        await using var h = await StartedAsync();
        await h.SendAsync(DeltaUpdates.Write(First, Second, "u2")!);
        Assert.Equal(RefusalReason.WrongBase, (await h.HearAsync(m => m.Refusal)).Reason);
    }

    [Fact]
    public async Task A_delta_that_comes_twice_is_acknowledged_twice_and_applied_once()
    {
        await using var h = await StartedAsync(First);
        var delta = DeltaUpdates.Write(First, Second, "u2")!;
        await h.SendAsync(delta);
        await h.SendAsync(delta);
        await h.HearAsync(m => m.Ack);
        var touched = h.Switch.Touched;
        Assert.Equal("u2", (await h.HearAsync(m => m.Ack)).Update);
        Assert.Equal(touched, h.Switch.Touched);
    }

    [Fact]
    public async Task Malformed_updates_and_messages_for_others_are_refused()
    {
        await using var h = await StartedAsync(First);
        await h.SendAsync(DeltaUpdates.Write(First, Second, "u2")! with { Bridges = [new("br0", [], ["no flow"])] });
        Assert.Equal(("u2", RefusalReason.Malformed), await RefusalAsync(h));
        await h.Bus.TrySendAsync(new() { Host = "h1", Snapshot = SnapshotWriter.Split(Second, "u3")[0] with { Index = 0, Count = 2 } }, default);
        await h.Bus.TrySendAsync(new() { Host = "h1", Snapshot = SnapshotWriter.Split(Second, "u4")[0] with { Index = 1, Count = 2 } }, default);
        Assert.Equal(("u4", RefusalReason.WrongBase), await RefusalAsync(h));
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task Flows_that_the_switch_refuses_are_reported_and_the_old_ones_are_back_on_disk_and_every_bridge()
    {
        await using var h = new AgentHarness();
        h.Switch.Announce(Bridge("br0", ("vif1.0", 1)), Bridge("br1", ("vif2.0", 1)));
        var old = HostFlowsOf(1, ("br0", [One]), ("br1", [Two]));
        h.Keep(old);
        h.Start();
        await h.HearInForceAsync(1);
        h.Switch.Refuses = (_, flow) => flow.Priority == 9;
        await h.SendAsync(DeltaUpdates.Write(old, HostFlowsOf(2, ("br0", [One, Three]), ("br1", [Two, FlowOn(9, "vif2.0")])), "u2")!);
        var refusal = await h.HearAsync(m => m.Refusal);
        Assert.Equal(RefusalReason.SwitchError, refusal.Reason);
        Assert.Equal(new("br1", FlowOn(9, "vif2.0").ToString(), "OFPBAC_BAD_OUT_PORT"), Assert.Single(refusal.Flows));
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        Assert.Equal(Texts(Two), h.Switch.FlowsOf("br1"));
        Assert.Equal(1, h.Kept()!.Revision.Number);
    }

    [Fact]
    public async Task A_first_snapshot_that_is_refused_leaves_nothing_on_disk()
    {
        await using var h = await StartedAsync();
        h.Switch.Refuses = (_, _) => true;
        await h.SendAsync(First, "u1");
        Assert.Equal(RefusalReason.SwitchError, (await h.HearAsync(m => m.Refusal)).Reason);
        Assert.False(File.Exists(h.DesiredFile));
    }

    [Fact]
    public async Task A_start_finds_right_flows_and_does_not_touch_them()
    {
        await using var h = await StartedAsync(First);
        await h.StopAsync();
        var touched = h.Switch.Touched;
        h.Switch.Announce(Br0);
        h.Start();
        await h.HearInForceAsync(1);
        Assert.Equal(touched, h.Switch.Touched);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task A_corrupt_file_touches_nothing_and_asks_for_a_snapshot()
    {
        await using var h = await StartedAsync(First);
        await h.StopAsync();
        File.AppendAllText(h.DesiredFile, "x");
        var calls = h.Switch.Calls.Count;
        h.Switch.Announce(Br0);
        h.Start();
        var hello = await h.HearHelloAsync(x => x.Revision == 0);
        Assert.NotNull(hello.Problem);
        Assert.Equal(calls, h.Switch.Calls.Count);
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        Assert.Contains(h.Log.Lines, l => l.Contains("the flows on the disk are refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_an_apply_then_a_start_ends_in_the_new_flows()
    {
        await using var h = await StartedAsync(First);
        h.Switch.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await h.SendAsync(DeltaUpdates.Write(First, Second, "u2")!);
        await h.Switch.AtGate.Task;
        await h.StopAsync();
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
        h.Switch.Gate = null;
        h.Switch.Announce(Br0);
        h.Start();
        // From the disk first, and then from the mailbox, where the message was not consumed.
        await h.HearInForceAsync(2);
        Assert.Equal("u2", (await h.HearAsync(m => m.Ack)).Update);
        Assert.Equal(Texts(One, Three), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task A_disk_that_does_not_take_the_flows_refuses_the_update()
    {
        await using var h = await StartedAsync(First);
        Directory.CreateDirectory(h.DesiredFile + ".changes");
        await h.SendAsync(DeltaUpdates.Write(First, Second, "u2")!);
        Assert.Equal(("u2", RefusalReason.NotKept), await RefusalAsync(h));
        Assert.Equal(Texts(One), h.Switch.FlowsOf("br0"));
    }

    [Fact]
    public async Task An_inquiry_is_answered_by_hello_and_ports()
    {
        await using var h = await StartedAsync(First);
        await h.InquireAsync();
        Assert.Equal(1, (await h.HearAsync(m => m.Hello)).Revision);
        var ports = await h.HearAsync(m => m.Ports);
        Assert.Equal(["vif1.0", "vif2.0"], Assert.Single(ports.Bridges).Ports.Select(p => p.Name));
    }

    [Fact]
    public async Task Hello_is_said_from_time_to_time()
    {
        await using var h = await StartedAsync(First);
        h.Time.Advance(h.Options.HelloEvery);
        Assert.Equal(1, (await h.HearAsync(m => m.Hello)).Revision);
    }

    /// <summary>Starts an agent on a switch with br0, holding the given flows, and waits until they are in force.</summary>
    private static async Task<AgentHarness> StartedAsync(HostFlows? held = null)
    {
        var h = new AgentHarness();
        h.Switch.Announce(Br0);
        if (held is not null)
        {
            h.Keep(held);
        }

        h.Start();
        await h.HearHelloAsync(hello => held is null || hello.Problem is null);
        await h.HearAsync(m => m.Ports);
        return h;
    }

    private static async Task<(string Update, RefusalReason Reason)> RefusalAsync(AgentHarness h)
    {
        var refusal = await h.HearAsync(m => m.Refusal);
        return (refusal.Update, refusal.Reason);
    }
}
