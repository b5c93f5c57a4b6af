using CsCheck;
using Osc.Agent.Traffic;
using Osc.Flows;
using Osc.Model;
using Osc.Switch.Traffic;
using Xunit;

namespace Osc.Agent.Tests.Traffic;

public sealed class HitCounterTests
{
    private static readonly PortName Bridge = PortName.Parse("br0");

    [Fact]
    public void Hits_are_the_increments_of_a_flows_counts()
    {
        var counter = CounterAt(0);
        counter.Read(Bridge, [Flow(1, age: 0, packets: 3)], At(10), At(10));
        counter.Read(Bridge, [Flow(1, age: 5, packets: 10)], At(15), At(15));

        Assert.Equal(10, Packets(counter));
    }

    [Fact]
    public void Last_counts_of_a_removed_flow_are_added_once_however_a_reading_comes_beside()
    {
        var counter = CounterAt(0);
        counter.Read(Bridge, [Flow(1, age: 5, packets: 3)], At(5), At(5));
        counter.Remove(Flow(1, age: 10, packets: 8), At(10));

        // Asked before the removal, answered after it.
        counter.Read(Bridge, [Flow(1, age: 9.9, packets: 7)], At(9), At(11));
        Assert.Equal(8, Packets(counter));

        // Put in again: its counts begin at 0.
        counter.Read(Bridge, [Flow(1, age: 1, packets: 2)], At(12), At(12));
        Assert.Equal(10, Packets(counter));
    }

    [Fact]
    public void Flow_of_a_switch_that_restarted_is_counted_from_nothing()
    {
        var counter = CounterAt(0);
        counter.Read(Bridge, [Flow(1, age: 10, packets: 100)], At(10), At(10));
        counter.Read(Bridge, [Flow(1, age: 4, packets: 120)], At(20), At(20));

        Assert.Equal(220, Packets(counter));
    }

    [Fact]
    public void Slow_answers_do_not_make_a_flow_another_one()
    {
        var counter = CounterAt(0);
        counter.Read(Bridge, [Flow(1, age: 10, packets: 100)], At(10), At(17));
        counter.Read(Bridge, [Flow(1, age: 15, packets: 101)], At(15), At(30));

        Assert.Equal(101, Packets(counter));
    }

    [Fact]
    public void Counter_without_a_past_leaves_out_what_older_flows_met_before()
    {
        var counter = CounterAt(100);
        counter.Read(Bridge, [Flow(1, age: 50, packets: 40), Flow(2, age: 1, packets: 5)], At(101), At(101));
        Assert.Equal(5, Packets(counter));

        counter.Read(Bridge, [Flow(1, age: 51, packets: 42), Flow(2, age: 2, packets: 5)], At(102), At(102));
        Assert.Equal(7, Packets(counter));
    }

    [Fact]
    public void Next_run_goes_on_from_what_was_kept()
    {
        var first = CounterAt(0);
        first.Read(Bridge, [Flow(1, age: 5, packets: 30)], At(5), At(5));
        var taken = first.Take(10);

        var second = CounterAt(20);
        second.Remember(first.Flows, first.Unreported);
        second.Read(Bridge, [Flow(1, age: 20, packets: 33), Flow(2, age: 12, packets: 4)], At(20), At(20));

        Assert.Equal(30UL, Assert.Single(taken).Value.Packets);
        Assert.Equal(7, Packets(second));
    }

    [Fact]
    public void Hits_name_the_revision_that_brought_the_flow()
    {
        var revisions = new RevisionTimes(7);
        var counter = new HitCounter(revisions, At(0));
        counter.Read(Bridge, [Flow(1, age: 3, packets: 1)], At(5), At(5));
        revisions.Begin(8, At(10));
        counter.Read(Bridge, [Flow(1, age: 13, packets: 2), Flow(2, age: 4, packets: 1)], At(15), At(15));
        counter.Remove(Flow(1, age: 15, packets: 5), At(17));

        Assert.Equal([(1u, 7L, 5UL), (2u, 8L, 1UL)], counter.Take(10).Select(h => (h.Key.Rule!.Value, h.Key.Revision, h.Value.Packets)).Order());
    }

    /// <summary>However a flow's life is read, removed and put in again, the sum is what it met.</summary>
    [Fact]
    public void Sum_is_what_flows_met_over_any_sequence() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 20], Gen.Int[1, 5]).Array[1, 40].Sample(steps =>
        {
            var counter = CounterAt(0);
            var (now, created, packets, met) = (1.0, 1.0, 0UL, 0UL);
            foreach (var (kind, more, seconds) in steps)
            {
                now += seconds;
                packets += (ulong)more;
                met += (ulong)more;
                switch (kind)
                {
                    case 0: // removed and put in anew
                        counter.Remove(Flow(1, now - created, packets), At(now));
                        (created, packets) = (now + 0.5, 0);
                        now += 1;
                        break;
                    case 1: // the agent restarts
                        var next = CounterAt(now);
                        next.Remember(counter.Flows.Where(f => f.Value.GoneAt is null), counter.Unreported);
                        counter = next;
                        break;
                    default:
                        counter.Read(Bridge, [Flow(1, now - created, packets)], At(now), At(now));
                        break;
                }
            }

            counter.Read(Bridge, [Flow(1, now - created + 1, packets)], At(now + 1), At(now + 1));
            return Packets(counter) == (long)met;
        });

    private static HitCounter CounterAt(double seconds) => new(new RevisionTimes(1), At(seconds));

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static FlowCount Flow(uint rule, double age, ulong packets) => new(Bridge, rule, 13, new(FlowPurpose.Rule, rule), At(age), packets, packets * 60);

    private static long Packets(HitCounter counter) => counter.Unreported.Sum(h => (long)h.Value.Packets);
}
