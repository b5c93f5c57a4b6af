using Osc.Bus;
using Osc.Controller.Delivery;
using Osc.Flows;
using Osc.Model.Health;
using Xunit;

namespace Osc.Controller.Tests.Delivery;

/// <summary>How a host stands, by what was heard of it and when.</summary>
public sealed class HostStatusTests
{
    private static readonly DeliveryTimings Timings = DeliveryTimings.Default;
    private static readonly DateTimeOffset Started = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly AgentHealth Healthy = new("enforcing", 30, 10, 3, [], []);
    private static readonly HostFlows One = Flows.Of(1, Enumerable.Range(0, 10));

    private readonly HostDelivery delivery = new(Flows.Host, Timings);
    private DateTimeOffset now = Started;

    [Fact]
    public void Host_is_unknown_until_heard_and_silent_after_a_while()
    {
        Desire(One);
        Assert.Equal(HostState.Unknown, Status.State);
        BringTo(One);
        now += Timings.Silence + TimeSpan.FromSeconds(1);
        Assert.Equal(HostState.Silent, Status.State);
    }

    [Fact]
    public void Agent_counts_as_silent_after_three_of_its_own_heartbeats()
    {
        Desire(One);
        delivery.Hear(HelloOf(One.Digest, Started) with { Health = Healthy with { HeartbeatSeconds = 5 } }, now);
        now += TimeSpan.FromSeconds(15);
        Assert.Equal(HostState.Enforcing, Status.State);
        now += TimeSpan.FromMilliseconds(1);
        Assert.Equal((HostState.Silent, "its agent missed three heartbeats"), (Status.State, Status.Error));
    }

    [Fact]
    public void Nobody_is_silent_of_whom_the_controller_could_not_hear()
    {
        BringTo(One);
        for (var seconds = 0; seconds < 600; seconds++)
        {
            delivery.Deaf(now += TimeSpan.FromSeconds(1));
        }

        Assert.Equal(HostState.Enforcing, Status.State);
        delivery.Reconnected(now);
        now += Timings.Silence;
        Assert.NotEqual(HostState.Silent, Status.State);
        now += TimeSpan.FromSeconds(1);
        Assert.Equal(HostState.Silent, Status.State);
    }

    [Fact]
    public void Host_of_an_earlier_life_is_awaited_for_a_while_however_long_ago_it_was_heard()
    {
        delivery.Recall(new(1), now.AddDays(-1));
        Desire(One);
        Assert.Equal((HostState.Connecting, AgentContact.Awaited), (Status.State, Status.Contact));
        delivery.Reconnected(now);
        now += Timings.Silence;
        Assert.Equal(HostState.Connecting, Status.State);
        now += TimeSpan.FromSeconds(1);
        Assert.Equal(HostState.Silent, Status.State);
        Hello(One);
        Assert.Equal(HostState.Enforcing, Status.State);
    }

    [Fact]
    public void Critical_fault_degrades_a_host_that_has_its_flows_and_a_warning_does_not()
    {
        Desire(One);
        Say(new Fault("bridge-not-secure", "br0", "open"));
        Assert.Equal((HostState.Enforcing, ""), (Status.State, Status.Error));
        Say(new Fault("bridge-not-secure", "br0", "open"), new Fault("upcalls-lost", "dp", "19 of 20"));
        Assert.Equal((HostState.Degraded, "19 of 20"), (Status.State, Status.Error));
        Say();
        Assert.Equal(HostState.Enforcing, Status.State);

        void Say(params Fault[] faults) => delivery.Hear(HelloOf(One.Digest, Started) with { Health = Healthy with { Faults = faults } }, now);
    }

    private HostStatus Status => delivery.Status(now);

    private static Hello HelloOf(FlowDigest digest, DateTimeOffset started) => new("1.0", 0, digest.ToString(), "3.1.0", started, ["br-int"]);

    private void Desire(HostFlows flows)
    {
        var step = Flows.Step(null, flows);
        delivery.Desire(step.After, [step], now);
    }

    private void Hello(HostFlows held) => delivery.Hear(HelloOf(held.Digest, Started), now);

    /// <summary>Desires flows and lets the agent confirm them.</summary>
    private void BringTo(HostFlows flows)
    {
        Desire(flows);
        Hello(flows);
    }
}
