using Osc.Flows;
using Osc.Flows.Simulation;
using Osc.Model.Documents;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>mode: observe counts what a rule would decide, and decides nothing.</summary>
public sealed class ObserveTests
{
    private static readonly Packet Web = Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.7"), 80);
    private static readonly Packet Ssh = Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.7"), 22);

    [Theory]
    [InlineData(RuleAction.Drop)]
    [InlineData(RuleAction.Reject)]
    [InlineData(RuleAction.Pass)]
    [InlineData(RuleAction.Inspect)]
    public void Rule_that_observes_counts_and_the_next_one_decides(RuleAction action)
    {
        var observing = (Drop("watch", services: "tcp/80") with { Action = action, Mode = RuleMode.Observe }).For(Direction.Out);
        var bridge = SimulatedBridge.Of(Under(observing, Allow("web", services: "tcp/80")));

        Assert.Equal(["watch", "web"], Deciders(bridge, Web, out var ports));
        Assert.Equal("trunk", ports);
    }

    [Fact]
    public void Rule_that_observes_counts_what_nothing_allows()
    {
        var bridge = SimulatedBridge.Of(Under((Allow("watch", services: "tcp/22") with { Mode = RuleMode.Observe }).For(Direction.Out)));

        Assert.Equal(["watch"], Deciders(bridge, Ssh, out var ports));
        Assert.Equal("", ports);
        Assert.Empty(Deciders(bridge, Web, out _));
    }

    [Fact]
    public void Rule_that_observes_behind_one_that_decides_counts_nothing()
    {
        var bridge = SimulatedBridge.Of(Under(Allow("web", services: "tcp/80").For(Direction.Out), (Drop("watch", services: "tcp/80") with { Mode = RuleMode.Observe }).For(Direction.Out)));

        Assert.Equal(["web"], Deciders(bridge, Web, out _));
    }

    /// <summary>As if all that observe were enforced: the first counts.</summary>
    [Fact]
    public void First_of_several_that_observe_counts()
    {
        var (first, second) = (Drop("first", services: "tcp/80") with { Mode = RuleMode.Observe }, Drop("second") with { Mode = RuleMode.Observe });
        var bridge = SimulatedBridge.Of(Under(first.For(Direction.Out), second.For(Direction.Out), Allow("web").For(Direction.Out)));

        Assert.Equal(["first", "web"], Deciders(bridge, Web, out _));
        Assert.Equal(["second", "web"], Deciders(bridge, Ssh, out _));
    }

    private static World Under(params Rule[] rules) =>
        World.OfOnly(Host("h1"), Network("front", Vlan(101), "10.1.0.0/24"), Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1")), PolicyOf("p", rules));

    /// <summary>The rules whose flows count the packet, in order.</summary>
    private static IEnumerable<string> Deciders(SimulatedBridge bridge, Packet packet, out string ports)
    {
        var result = bridge.Run("vif1.0", packet);
        ports = string.Join(' ', result.Outputs.Select(o => o.Port.ToString()));
        return [.. result.Trace.Select(s => s.Flow).OfType<Flow>().Select(f => FlowCookie.Of(f.Cookie).Rule).OfType<uint>().Select(r => bridge.Compiled.Numbering.RuleOf(r)!.Split('/')[^1])];
    }
}
