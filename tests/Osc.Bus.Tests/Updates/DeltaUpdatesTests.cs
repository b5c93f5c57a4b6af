using CsCheck;
using Osc.Bus.Updates;
using Osc.Flows;
using Xunit;

namespace Osc.Bus.Tests.Updates;

public sealed class DeltaUpdatesTests
{
    private static readonly HostFlows Before = SampleFlows.Of(1, ("br0", [1, 2, 3]), ("br1", [4]));
    private static readonly HostFlows After = SampleFlows.Of(2, ("br0", [2, 3, 5]), ("br1", [4]));

    [Fact]
    public void A_delta_names_only_what_changes()
    {
        var change = Assert.Single(DeltaUpdates.Write(Before, After, "u")!.Bridges);
        Assert.Equal([SampleFlows.Flow(1).ToString()], change.Remove);
        Assert.Equal([SampleFlows.Flow(5).ToString()], change.Add);
    }

    [Fact]
    public void A_delta_read_and_applied_gives_what_it_was_written_for() =>
        Gen.Select(Gen.Int[0, 50].Array[0, 40], Gen.Int[0, 50].Array[0, 40], Gen.Int[0, 50].Array[0, 10]).Sample((a, b, c) =>
        {
            var before = SampleFlows.Of(1, ("br0", a.Distinct()), ("br1", c.Distinct()));
            var after = SampleFlows.Of(2, ("br0", b.Distinct()), ("br1", c.Distinct()));
            var update = DeltaUpdates.Write(before, after, "u")!;
            Assert.Null(DeltaUpdates.Read(update, SampleFlows.Host, out var delta));
            var complete = Assert.IsType<UpdateResult.Complete>(DeltaUpdates.Apply(before, update, delta));
            Assert.Equal(after.Digest, complete.Flows.Digest);
            Assert.Equal(after.Revision, complete.Flows.Revision);
        });

    [Fact]
    public void Too_large_a_change_and_other_bridges_need_a_snapshot()
    {
        Assert.Null(DeltaUpdates.Write(Before, SampleFlows.Of(2, ("br0", Enumerable.Range(10, BusProtocol.MaxFlowsInMessage)), ("br1", [4])), "u"));
        Assert.Null(DeltaUpdates.Write(Before, SampleFlows.Of(2, ("br0", [1, 2, 3])), "u"));
        Assert.Null(DeltaUpdates.Write(Before, SampleFlows.Of(2, ("br0", [1, 2, 3]), ("br1", [4]), ("br2", [])), "u"));
    }

    [Fact]
    public void A_delta_from_another_base_is_refused() => AssertRefused(RefusalReason.WrongBase, After, DeltaUpdates.Write(Before, After, "u")!);

    [Fact]
    public void A_delta_that_does_not_add_up_is_refused()
    {
        var update = DeltaUpdates.Write(Before, After, "u")!;
        AssertRefused(RefusalReason.WrongDigest, Before, update with { Bridges = [update.Bridges[0] with { Add = [] }] });
    }

    [Fact]
    public void A_delta_that_removes_what_is_not_there_or_adds_what_is_is_refused()
    {
        var update = DeltaUpdates.Write(Before, After, "u")!;
        var change = update.Bridges[0];
        AssertRefused(RefusalReason.WrongBase, Before, update with { Bridges = [change with { Remove = [SampleFlows.Flow(9).ToString()] }] });
        AssertRefused(RefusalReason.WrongBase, Before, update with { Bridges = [change with { Add = [SampleFlows.Flow(2).ToString()] }] });
        AssertRefused(RefusalReason.WrongBase, Before, update with { Bridges = [change with { Bridge = "br9" }] });
    }

    [Fact]
    public void A_bridge_named_twice_and_a_line_that_is_no_flow_are_malformed()
    {
        var update = DeltaUpdates.Write(Before, After, "u")!;
        var change = update.Bridges[0];
        Assert.Equal("a bridge is named twice", DeltaUpdates.Read(update with { Bridges = [change, change] }, SampleFlows.Host, out _));
        Assert.NotNull(DeltaUpdates.Read(update with { Bridges = [change with { Add = ["table=1"] }] }, SampleFlows.Host, out _));
    }

    private static void AssertRefused(RefusalReason reason, HostFlows held, DeltaUpdate update)
    {
        Assert.Null(DeltaUpdates.Read(update, SampleFlows.Host, out var delta));
        Assert.Equal(reason, Assert.IsType<UpdateResult.Refused>(DeltaUpdates.Apply(held, update, delta)).Reason);
    }
}
