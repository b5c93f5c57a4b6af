using Osc.Agent.Health;
using Xunit;

namespace Osc.Agent.Tests.Health;

public sealed class UpcallWatchTests
{
    private readonly UpcallWatch watch = new();

    [Fact]
    public void Switch_that_loses_what_its_datapath_misses_is_a_fault_with_the_numbers()
    {
        Take(missed: 20, lost: 19);
        var fault = Assert.Single(watch.Faults);
        Assert.Equal(("upcalls-lost", "netdev@ovs-netdev", "datapath netdev@ovs-netdev lost 19 of 20 packets that ovs-vswitchd should have decided on: restart it"), (fault.Kind, fault.Subject, fault.Detail));
    }

    [Theory]
    [InlineData(1000, 0, false)]
    [InlineData(1000, 499, false)]
    [InlineData(1000, 500, true)]
    [InlineData(1000, 1000, true)]
    [InlineData(9, 9, false)]
    [InlineData(10, 10, true)]
    public void Half_of_enough_misses_lost_is_a_fault(long missed, long lost, bool isFault)
    {
        Take(missed, lost);
        Assert.Equal(isFault, watch.Faults.Count == 1);
    }

    [Fact]
    public void Losses_of_long_ago_are_over_as_soon_as_enough_packets_came_through()
    {
        Take(1000, 1000);
        Take(1009, 1000);
        Assert.Single(watch.Faults);
        Take(1010, 1000);
        Assert.Empty(watch.Faults);
    }

    [Fact]
    public void Losses_that_begin_are_seen_however_many_packets_came_through_before()
    {
        Take(1_000_000, 0);
        Assert.Empty(watch.Faults);
        for (var packets = 1; packets <= UpcallWatch.Enough; packets++)
        {
            Take(1_000_000 + packets, packets);
        }

        Assert.Single(watch.Faults);
    }

    [Fact]
    public void Nothing_new_leaves_the_judgement_as_it_was()
    {
        Take(100, 100);
        Take(100, 100);
        Assert.Single(watch.Faults);
    }

    [Fact]
    public void Datapath_that_begins_anew_or_is_gone_is_judged_anew()
    {
        Take(100, 100);
        Take(3, 0);
        Assert.Empty(watch.Faults);
        Take(100, 100);
        watch.Take(new([], "no ovs-vswitchd runs"));
        Assert.Empty(watch.Faults);
    }

    [Fact]
    public void Datapaths_are_judged_each_by_itself()
    {
        watch.Take(new([new("system@ovs-system", 5, 100, 100), new("netdev@ovs-netdev", 5, 100, 0)], null));
        Assert.Equal("system@ovs-system", Assert.Single(watch.Faults).Subject);
        Assert.Equal(2, watch.Counters.Count);
    }

    private void Take(long missed, long lost) => watch.Take(new([new("netdev@ovs-netdev", 0, missed, lost)], null));
}
