using CsCheck;
using Osc.Flows.Simulation;
using Xunit;

namespace Osc.Flows.Tests.Simulation;

/// <summary>Conjunctive matches (ovs-fields(7)).</summary>
public sealed class ConjunctionTests
{
    private static readonly string[] WebToDb =
    [
        "table=0,priority=10,ip,nw_src=10.0.0.1,actions=conjunction(7,1/3)",
        "table=0,priority=10,ip,nw_src=10.0.0.3,actions=conjunction(7,1/3)",
        "table=0,priority=10,ip,nw_dst=10.0.0.2,actions=conjunction(7,2/3)",
        "table=0,priority=10,tcp,tcp_dst=80,actions=conjunction(7,3/3)",
        "table=0,priority=10,tcp,tcp_dst=443,actions=conjunction(7,3/3)",
        "table=0,priority=10,conj_id=7,actions=output:\"p2\"",
    ];

    [Theory]
    [InlineData(1, 2, 80, "p2")]
    [InlineData(3, 2, 443, "p2")]
    [InlineData(4, 2, 80, "")]
    [InlineData(1, 3, 80, "")]
    [InlineData(1, 2, 81, "")]
    public void Conjunction_is_met_when_every_clause_has_a_flow_that_matches(byte from, byte to, ushort port, string expected) =>
        Assert.Equal(expected, new Switch(WebToDb).PortsOf(Packet.Tcp(Switch.Host(from), Switch.Host(to), port)));

    [Fact]
    public void Trace_names_the_flow_of_the_conjunction()
    {
        var result = new Switch(WebToDb).Send(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80));
        Assert.Contains("conj_id=7", result.Trace[^1].Flow?.ToString());
    }

    [Fact]
    public void Conjunction_that_is_not_met_falls_to_lower_priorities() =>
        Assert.Equal("p3", new Switch([.. WebToDb, "table=0,priority=9,ip,actions=output:\"p3\""]).PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 81)));

    [Fact]
    public void Direct_match_of_higher_priority_comes_before_a_conjunction() =>
        Assert.Equal("p3", new Switch([.. WebToDb, "table=0,priority=11,tcp,actions=output:\"p3\""]).PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));

    [Fact]
    public void Direct_match_of_the_same_priority_comes_before_a_conjunction() =>
        Assert.Equal("p3", new Switch([.. WebToDb, "table=0,priority=10,tcp,actions=output:\"p3\""]).PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));

    [Fact]
    public void Conjunction_comes_before_a_direct_match_of_lower_priority() =>
        Assert.Equal("p2", new Switch([.. WebToDb, "table=0,priority=9,tcp,actions=output:\"p3\""]).PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));

    [Fact]
    public void Clauses_of_different_priorities_do_not_add_up() => Assert.Equal("", new Switch(
        "table=0,priority=10,ip,nw_src=10.0.0.1,actions=conjunction(7,1/2)",
        "table=0,priority=9,ip,nw_dst=10.0.0.2,actions=conjunction(7,2/2)",
        "table=0,priority=10,conj_id=7,actions=output:\"p2\"").PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));

    [Fact]
    public void Clauses_of_different_conjunctions_do_not_add_up() => Assert.Equal("", new Switch(
        "table=0,priority=10,ip,nw_src=10.0.0.1,actions=conjunction(7,1/2)",
        "table=0,priority=10,ip,nw_dst=10.0.0.2,actions=conjunction(8,2/2)",
        "table=0,priority=10,conj_id=7,actions=output:\"p2\"",
        "table=0,priority=10,conj_id=8,actions=output:\"p3\"").PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));

    [Fact]
    public void One_flow_may_be_a_clause_of_several_conjunctions()
    {
        var device = new Switch(
            "table=0,priority=10,ip,nw_src=10.0.0.1,actions=conjunction(7,1/2),conjunction(8,2/2)",
            "table=0,priority=10,ip,nw_dst=10.0.0.2,actions=conjunction(7,2/2)",
            "table=0,priority=10,ip,nw_dst=10.0.0.3,actions=conjunction(8,1/2)",
            "table=0,priority=10,conj_id=7,actions=output:\"p2\"",
            "table=0,priority=10,conj_id=8,actions=output:\"p3\"");
        Assert.Equal("p2", device.PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));
        Assert.Equal("p3", device.PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(3), 80)));
    }

    [Fact]
    public void Two_conjunctions_met_at_one_priority_are_an_ambiguity_if_they_disagree()
    {
        string[] clauses =
        [
            "table=0,priority=10,ip,nw_src=10.0.0.1,actions=conjunction(7,1/2),conjunction(8,1/2)",
            "table=0,priority=10,ip,nw_dst=10.0.0.2,actions=conjunction(7,2/2),conjunction(8,2/2)",
            "table=0,priority=10,conj_id=7,actions=output:\"p2\"",
        ];
        var packet = Packet.Tcp(Switch.Host(1), Switch.Host(2), 80);
        Assert.NotNull(new Switch([.. clauses, "table=0,priority=10,conj_id=8,actions=drop"]).Send(packet).Ambiguity);
        Assert.Null(new Switch([.. clauses, "table=0,priority=10,conj_id=8,actions=output:\"p2\""]).Send(packet).Ambiguity);
    }

    [Fact]
    public void Conjunction_without_a_flow_of_its_own_falls_to_lower_priorities() =>
        Assert.Equal("p3", new Switch([.. WebToDb[..^1], "table=0,priority=9,ip,actions=output:\"p3\""]).PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));

    [Fact]
    public void Conj_id_is_gone_in_the_next_table() => Assert.Equal("p3", new Switch(
        [.. WebToDb[..^1], "table=0,priority=10,conj_id=7,actions=goto_table:1", "table=1,priority=2,conj_id=7,actions=output:\"p2\"", "table=1,priority=1,actions=output:\"p3\""])
        .PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));

    [Fact]
    public void Flow_of_a_conjunction_may_match_more_than_its_id()
    {
        var device = new Switch(
            [.. WebToDb[..^1], "table=0,priority=10,conj_id=7,vlan_vid=0x0,actions=output:\"p2\"", "table=0,priority=10,conj_id=7,vlan_vid=0x1005,actions=output:\"p3\""]);
        Assert.Equal("p2", device.PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));
        Assert.Equal("p3", device.PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80) with { Vlan = 5 }));
    }

    [Fact]
    public void Conjunction_of_64_clauses_is_met_only_by_all() => Gen.Int[0, 64].Sample(missing =>
    {
        var clauses = Enumerable.Range(1, 64).Where(i => i != missing).Select(i => $"table=0,priority=10,tcp,reg1=0x0/0x{i:x},actions=conjunction(1,{i}/64)");
        var device = new Switch([.. clauses, "table=0,priority=10,conj_id=1,actions=output:\"p2\""]);
        Assert.Equal(missing == 0 ? "p2" : "", device.PortsOf(Packet.Tcp(Switch.Host(1), Switch.Host(2), 80)));
    }, iter: 100);

    [Fact]
    public void Conjunction_is_as_good_as_its_product() =>
        Gen.Select(Gen.Byte[0, 7].HashSet[1, 4], Gen.Byte[0, 7].HashSet[1, 4], Gen.Byte[0, 7].HashSet[1, 4]).Sample((sources, destinations, ports) =>
        {
            var conjunction = new Switch(
                [
                    .. sources.Select(s => $"table=0,priority=5,ip,nw_src=10.0.0.{s},actions=conjunction(9,1/3)"),
                    .. destinations.Select(d => $"table=0,priority=5,ip,nw_dst=10.0.0.{d},actions=conjunction(9,2/3)"),
                    .. ports.Select(p => $"table=0,priority=5,tcp,tcp_dst={p},actions=conjunction(9,3/3)"),
                    "table=0,priority=5,conj_id=9,actions=output:\"p2\"",
                ]);
            var product = new Switch([.. from s in sources from d in destinations from p in ports select $"table=0,priority=5,tcp,nw_src=10.0.0.{s},nw_dst=10.0.0.{d},tcp_dst={p},actions=output:\"p2\""]);
            for (var i = 0; i < 512; i++)
            {
                var packet = Packet.Tcp(Switch.Host((byte)(i & 7)), Switch.Host((byte)((i >> 3) & 7)), (ushort)(i >> 6));
                Assert.Equal(product.PortsOf(packet), conjunction.PortsOf(packet));
            }
        }, iter: 50);
}
