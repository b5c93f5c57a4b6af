using Osc.Flows.Simulation;
using Osc.Model.Documents;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>onRevoke: keep lets open connections finish; new ones are decided as policy is now.</summary>
public sealed class KeepTests
{
    private static readonly Packet Request = Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.7"), 80);
    private static readonly Packet Answer = Packet.ReplyTo(Request) with { Vlan = 101 };
    private static readonly Packet Another = Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Outside("198.51.100.8"), 80);
    private static readonly Rule Keeping = Allow("web", services: "tcp/80") with { OnRevoke = OnRevoke.Keep };

    public static TheoryData<string, PolicyDocument[]> Revoking => new()
    {
        { "the rule is gone", [] },
        { "the rule allows something else", [PolicyOf("p", Allow("web", services: "tcp/443") with { OnRevoke = OnRevoke.Keep })] },
        { "the rule drops", [PolicyOf("p", Drop("web", services: "tcp/80"))] },
        { "another comes first", [PolicyOf("p", Drop("first", services: "tcp/80"), Keeping)] },
    };

    [Theory]
    [MemberData(nameof(Revoking))]
    public void Kept_connection_goes_on_and_a_new_one_does_not_pass_when(string what, PolicyDocument[] policies)
    {
        var bridge = Open(Keeping);

        // A kept connection outlives one change as it does many.
        foreach (var state in new[] { Under(policies), Under([.. policies, PolicyOf("q", Drop("other", services: "udp/53"))]), Under(policies) })
        {
            bridge.Update(state);
            Assert.True(bridge.Send("vif1.0", Request) == "trunk" && bridge.Send("trunk", Answer) == "vif1.0", what);
            Assert.Equal("", bridge.Send("vif1.0", Another));
        }
    }

    [Fact]
    public void Connection_of_a_rule_that_cuts_stops()
    {
        var bridge = Open(Allow("web", services: "tcp/80"));

        bridge.Update(Under());

        Assert.Equal("", bridge.Send("vif1.0", Request));
        Assert.Equal("", bridge.Send("trunk", Answer));
    }

    [Fact]
    public void Emergency_stops_what_is_kept()
    {
        var bridge = Open(Keeping);

        bridge.Update(Under(PolicyOf("p", Keeping), PolicyOf("quarantine", Drop("all")) with { Tier = Tier.Emergency }));

        Assert.Equal("", bridge.Send("vif1.0", Request));
        Assert.Equal("", bridge.Send("trunk", Answer));
    }

    /// <summary>Both ends are here: what one side's rule keeps, the other side's may cut.</summary>
    [Theory]
    [InlineData(OnRevoke.Keep, false, "vif2.0")]
    [InlineData(OnRevoke.Cut, false, "")]
    [InlineData(OnRevoke.Cut, true, "vif2.0")]
    public void Connection_is_kept_if_every_side_that_stops_allowing_it_keeps_it(OnRevoke inSide, bool inSideStays, string ports)
    {
        var request = Packet.Tcp(At.Nic(1, "10.1.0.1"), At.Nic(2, "10.1.0.2"), 80);
        var inRule = (Allow("in", services: "tcp/80") with { OnRevoke = inSide }).For(Direction.In);
        var bridge = SimulatedBridge.Of(Under(PolicyOf("p", Keeping.For(Direction.Out), inRule)));
        Assert.Equal("vif2.0", bridge.Send("vif1.0", request));
        Assert.Equal("vif1.0", bridge.Send("vif2.0", Packet.ReplyTo(request)));

        bridge.Update(inSideStays ? Under(PolicyOf("p", inRule)) : Under());

        Assert.Equal(ports, bridge.Send("vif1.0", request));
    }

    private static SimulatedBridge Open(Rule rule)
    {
        var bridge = SimulatedBridge.Of(Under(PolicyOf("p", rule)));
        Assert.Equal("trunk", bridge.Send("vif1.0", Request));
        Assert.Equal("vif1.0", bridge.Send("trunk", Answer));
        return bridge;
    }

    private static World Under(params PolicyDocument[] policies) => World.OfOnly(
    [
        Host("h1"),
        Network("front", Vlan(101), "10.1.0.0/24"),
        Workload("a", "app=a", Nic(1, "h1", "front", "10.1.0.1")),
        Workload("b", "app=b", Nic(2, "h1", "front", "10.1.0.2")),
        .. policies,
    ]);
}
