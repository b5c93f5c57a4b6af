using Osc.Bus;
using Osc.Model;
using Xunit;
using static Osc.Integration.Traffic.TrafficLab;

namespace Osc.Integration.Traffic;

/// <summary>Real packets against a real switch and agent: what is counted is what was sent, to the packet.</summary>
public sealed class TrafficTests : IDisposable
{
    private const int PerSecond = 200;

    private static readonly string Rules =
        RuleTo("drops", 1001, "action: drop, direction: out")
        + RuleTo("rejects", 1002, "action: reject, direction: out")
        + RuleTo("logs", 1003, "action: drop, direction: out, log: true")
        + RuleTo("allows", 1004, "action: allow, direction: out")
        + RuleTo("logs-allowed", 1005, "action: allow, direction: out, log: true");

    private readonly CancellationTokenSource patience = new(TimeSpan.FromSeconds(120));

    public void Dispose() => patience.Dispose();

    [Fact]
    public async Task Counters_equal_the_packets_sent_over_a_change_of_policy_and_a_restart_of_the_agent()
    {
        string[] rules = ["drops", "rejects", "logs", "allows"];
        await using var lab = await StartAsync(Rules, patience.Token);
        var receiving = lab.ReceiveAsync(1004, 100); // else its host answers with ICMP errors, of which one that comes after the change is decided too

        await SendToEachAsync(lab, [1001, 1002, 1003, 1004], 40);
        await lab.ChangeAsync(RuleTo("earlier", 2000, "action: drop, direction: out") + Rules);
        await SendToEachAsync(lab, [1001, 1002, 1003, 1004], 30);
        await lab.StopAgentAsync();
        await SendToEachAsync(lab, [1001, 1002, 1003, 1004], 20);
        lab.StartAgent();
        await SendToEachAsync(lab, [1001, 1002, 1003, 1004], 10);
        Assert.Equal(100, await receiving);

        foreach (var rule in rules)
        {
            await lab.CountAsync(rule, c => c.Packets >= 100);
        }

        Assert.Equal(rules.Select(r => (r, 100L)), rules.Select(r => (r, lab.Of(r).Packets)));

        // What comes after all of it is counted alone: nothing was counted late or twice.
        await lab.SendAsync(1001, 1, PerSecond);
        Assert.Equal(101, (await lab.CountAsync("drops", c => c.Packets >= 101)).Packets);
        Assert.All(rules[1..], rule => Assert.Equal(100, lab.Of(rule).Packets));
        Assert.Equal(100, lab.Of("logs").Logged);
        Assert.Equal(0, lab.Of("drops").Logged);
    }

    /// <summary>
    /// Each is counted by the first rule that observes it and then meets the one that decides, as if the other were not there. A rule that
    /// observes behind one that decides, or behind one that has counted, counts nothing.
    /// </summary>
    [Fact]
    public async Task Counters_of_rules_that_observe_equal_the_packets_sent_over_a_change_of_policy_and_a_restart_of_the_agent()
    {
        var rules = RuleTo("watches", 1001, "action: allow, mode: observe, direction: out")
            + RuleTo("watches-too", 1001, "action: drop, mode: observe, direction: out")
            + RuleTo("drops", 1001, "action: drop, direction: out")
            + RuleTo("watches-behind", 1001, "action: drop, mode: observe, direction: out")
            + RuleTo("watches-allowed", 1004, "action: reject, mode: observe, direction: out")
            + RuleTo("allows", 1004, "action: allow, direction: out")
            + RuleTo("watches-logged", 1006, "action: drop, mode: observe, direction: out, log: true");
        int[] ports = [1001, 1004, 1006];
        await using var lab = await StartAsync(rules, patience.Token);
        var receiving = new[] { lab.ReceiveAsync(1004, 100), lab.ReceiveAsync(1006, 100) };

        await SendToEachAsync(lab, ports, 40);
        await lab.ChangeAsync(RuleTo("earlier", 2000, "action: drop, mode: observe, direction: out") + rules);
        await SendToEachAsync(lab, ports, 30);
        await lab.StopAgentAsync();
        await SendToEachAsync(lab, ports, 20);
        lab.StartAgent();
        await SendToEachAsync(lab, ports, 10);
        Assert.All(await Task.WhenAll(receiving), came => Assert.Equal(100, came));

        string[] counted = ["watches", "drops", "watches-allowed", "allows", "watches-logged"];
        foreach (var rule in counted)
        {
            await lab.CountAsync(rule, c => c.Packets >= 100);
        }

        await lab.SendAsync(1001, 1, PerSecond);
        await lab.CountAsync("drops", c => c.Packets >= 101); // what was counted late or twice would be there by now
        Assert.Equal([101, 101, 100, 100, 100], counted.Select(r => lab.Of(r).Packets));
        Assert.Equal([0, 0, 0], new[] { "watches-too", "watches-behind", "earlier" }.Select(r => lab.Of(r).Packets));
        Assert.Equal([0, 0, 0, 0, 100], counted.Select(r => lab.Of(r).Logged));
        Assert.All(lab.Records, r => Assert.Equal(1006, r.DestinationPort));
    }

    /// <summary>What was read is kept, what comes afterwards is counted from 0; lost is at most what came after the last reading.</summary>
    [Fact]
    public async Task Killed_switch_takes_along_no_count_that_was_read()
    {
        await using var lab = await StartAsync(Rules, patience.Token);
        await lab.SendAsync(1001, 50, PerSecond);
        await lab.CountAsync("drops", c => c.Packets >= 50);

        await lab.RestartSwitchAsync();
        await lab.SendAsync(1001, 30, PerSecond);
        Assert.Equal(80, (await lab.CountAsync("drops", c => c.Packets >= 80)).Packets);

        await lab.SendAsync(1001, 20, PerSecond);
        await lab.RestartSwitchAsync(); // of these some may have been read
        await lab.SendAsync(1003, 1, PerSecond);
        await lab.CountAsync("logs", c => c.Packets == 1);
        Assert.InRange(lab.Of("drops").Packets, 80, 100);
    }

    [Fact]
    public async Task Counts_of_a_removed_rule_and_of_its_successor_are_told_apart()
    {
        await using var lab = await StartAsync(Rules, patience.Token);
        await lab.SendAsync(1001, 50, PerSecond);
        await lab.CountAsync("drops", c => c.Packets == 50);

        // The same place in the table, another rule: its flow is put where the other one's was.
        await lab.ChangeAsync(Rules.Replace("name: drops", "name: drops-again", StringComparison.Ordinal));
        await lab.SendAsync(1001, 7, PerSecond);

        Assert.Equal(7, (await lab.CountAsync("drops-again", c => c.Packets >= 7)).Packets);
    }

    [Fact]
    public async Task Flood_of_logged_packets_loses_none_and_the_unreported_are_known_exactly()
    {
        const int Sent = 1_000;
        await using var lab = await StartAsync(Rules, patience.Token);
        var receiving = lab.ReceiveAsync(1005, Sent);

        // Ten times what is logged.
        await lab.SendAsync(1005, Sent, (int)LoggedPerSecond * 10);

        Assert.Equal(Sent, await receiving);
        var (packets, logged, _) = await lab.CountAsync("logs-allowed", c => c.Packets >= Sent);
        Assert.Equal((Sent, Sent), (packets, logged));

        // A record that comes last ends the flood's.
        await lab.SendAsync(1003, 1, PerSecond);
        await lab.CountAsync("logs", c => c.Records == 1);
        var reported = lab.Of("logs-allowed").Records;
        TestContext.Current.TestOutputHelper?.WriteLine($"{Sent} packets sent and received, {reported} reported, {logged - reported} not");
        Assert.InRange(reported, LoggedPerSecond, Sent / 4);
        Assert.Equal(reported, lab.Records.Count(r => r.DestinationPort == 1005));
    }

    [Theory]
    [InlineData(IpFamily.IPv4, "10.10.0.11", "10.10.0.12")]
    [InlineData(IpFamily.IPv6, "fd00:10::11", "fd00:10::12")]
    public async Task Record_names_the_connection_that_was_logged(IpFamily family, string source, string destination)
    {
        await using var lab = await StartAsync(Rules, patience.Token);

        await lab.SendAsync(1003, 1, PerSecond, family);
        await lab.CountAsync("logs", c => c.Records == 1);

        var record = Assert.Single(lab.Records);
        Assert.Equal((source, destination, IpProtocol.Udp, 1003, TrafficSide.Out), (record.Source, record.Destination, record.Protocol, record.DestinationPort, record.Side));
        Assert.Equal(1, record.Revision);
        Assert.Equal(14 + (family == IpFamily.IPv4 ? 20 : 40) + 8 + 3, record.Bytes);
        Assert.True(record.SourcePort > 0);
    }

    private static async Task SendToEachAsync(TrafficLab lab, int[] ports, int count)
    {
        foreach (var port in ports)
        {
            await lab.SendAsync(port, count, PerSecond);
        }
    }
}
