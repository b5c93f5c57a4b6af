using Osc.Agent.Desired;
using Osc.Flows;
using Osc.Model;
using Xunit;

namespace Osc.Agent.Tests.Desired;

/// <summary>What an agent's disk holds, after changes one by one and whatever cut them off.</summary>
public sealed class DesiredStoreTests : IDisposable
{
    private static readonly Name Host = Name.Parse("h1");

    private readonly string directory = Directory.CreateTempSubdirectory("osc-desired-").FullName;

    private string Whole => Path.Combine(directory, "desired");

    private string Changes => Path.Combine(directory, "desired.changes");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void Changes_are_there_after_a_start_and_the_whole_is_not_written_anew()
    {
        var states = Enumerable.Range(1, 20).Select(State).ToArray();
        Keep(states);

        Assert.StartsWith("osc-desired 1\nhost h1\nrevision 1\n", File.ReadAllText(Whole), StringComparison.Ordinal);
        AssertHolds(states[^1]);
    }

    [Fact]
    public void Change_that_was_cut_off_anywhere_counts_as_not_made()
    {
        Keep(State(1), State(2));
        var before = new FileInfo(Changes).Length;
        using (var store = Open())
        {
            store.Load(Host);
            Assert.Null(store.Save(State(3), FlowDelta.Between(State(2), State(3))));
        }

        var bytes = File.ReadAllBytes(Changes);
        for (var length = (int)before; length < bytes.Length; length++)
        {
            File.WriteAllBytes(Changes, bytes[..length]);
            AssertHolds(State(2));
        }

        // A disk may have room for the bytes and not have them.
        File.WriteAllBytes(Changes, [.. bytes[..(int)before], .. new byte[bytes.Length - before]]);
        AssertHolds(State(2));

        using (var store = Open())
        {
            store.Load(Host);
            Assert.Null(store.Save(State(4), FlowDelta.Between(State(2), State(4))));
        }

        AssertHolds(State(4));
    }

    [Fact]
    public void Damage_before_the_last_change_is_told()
    {
        Keep(State(1), State(2), State(3));
        var bytes = File.ReadAllBytes(Changes);
        var flow = bytes.AsSpan().IndexOf("priority="u8);
        bytes[flow + "priority=".Length] ^= 1;
        File.WriteAllBytes(Changes, bytes);

        using var store = Open();
        var (flows, problem) = store.Load(Host);

        Assert.Null(flows);
        Assert.Contains("damaged", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Changes_of_a_whole_that_was_replaced_do_not_count()
    {
        Keep(State(1), State(2), State(3));
        var changes = File.ReadAllBytes(Changes);
        using (var store = Open())
        {
            Assert.Null(store.Save(State(7)));
        }

        File.WriteAllBytes(Changes, changes); // as if the machine had stopped before they were removed
        AssertHolds(State(7));
    }

    [Fact]
    public void Changes_that_have_grown_larger_than_the_whole_give_way_to_a_new_one()
    {
        var (small, large) = (State(1), State(5_000) with { Revision = new(2) });
        using var store = Open();
        Assert.Null(store.Save(small));
        var (held, next) = (small, large);
        for (var i = 3; i < 12; i++)
        {
            Assert.Null(store.Save(next, FlowDelta.Between(held, next)));
            (held, next) = (next, held with { Revision = new(i) });
        }

        Assert.DoesNotContain("revision 1\n", File.ReadAllText(Whole), StringComparison.Ordinal);
        Assert.InRange(new FileInfo(Changes).Length, 0, 8 << 20);
    }

    [Fact]
    public void Delta_for_other_flows_than_those_kept_is_not_trusted()
    {
        Keep(State(1));
        using (var store = Open())
        {
            Assert.Null(store.Save(State(3), FlowDelta.Between(State(2), State(3))));
        }

        AssertHolds(State(3));
    }

    private void Keep(params HostFlows[] states)
    {
        using var store = Open();
        Assert.Null(store.Save(states[0]));
        foreach (var (before, after) in states.Zip(states.Skip(1)))
        {
            Assert.Null(store.Save(after, FlowDelta.Between(before, after)));
        }
    }

    private void AssertHolds(HostFlows expected)
    {
        using var store = Open();
        var (flows, problem) = store.Load(Host);
        Assert.Null(problem);
        Assert.Equal((expected.Revision, expected.Digest, expected.Count), (flows!.Revision, flows.Digest, flows.Count));
    }

    private DesiredStore Open() => DesiredStore.Open(directory, out var error) ?? throw new InvalidOperationException(error);

    /// <summary>Some flows on two bridges: each revision has one more than that before and other actions in one.</summary>
    private static HostFlows State(int revision) => new(Host, new(revision),
    [
        new(PortName.Parse("br0"), FlowSet.Of(Enumerable.Range(0, revision + 3).Select(i => Flow(i, i == 1 ? revision : 0)))),
        new(PortName.Parse("br1"), FlowSet.Of([Flow(7, revision % 2)])),
    ]);

    private static Flow Flow(int priority, int mark) =>
        FlowTextParser.Parse($"cookie=0x{FlowCookie.Owner:x},table=0,priority={priority},in_port=\"p{priority % 4}\",actions=set_field:0x{mark:x}->reg1,goto_table:3");
}
