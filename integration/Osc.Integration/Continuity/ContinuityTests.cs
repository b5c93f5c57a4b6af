using Osc.Flows;
using Osc.Model;
using Xunit;

namespace Osc.Integration.Continuity;

/// <summary>
/// Whatever becomes of the agent, its program, the broker or the layout of flows: no permitted packet is lost, and no forbidden one passes, of
/// 1,000 a second on permitted pairs and 2,000 on others.
/// </summary>
public sealed class ContinuityTests(ITestOutputHelper output)
{
    private const int PacketsPerSecond = 3_000;
    private const int Workloads = 16;
    private const int TimeoutMilliseconds = 600_000;

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    /// <summary>"make check" does it with 100,000 flows too.</summary>
    public static TheoryData<int> FarAddresses => Environment.GetEnvironmentVariable("OSC_TEST_SCALE") is null or "1" ? [0] : [0, 100_000];

    [Theory(Timeout = TimeoutMilliseconds)]
    [MemberData(nameof(FarAddresses))]
    public async Task Nothing_is_lost_and_nothing_passes_while_agent_and_broker_go_and_come(int farAddresses)
    {
        await using var lab = await EnforcedLab.StartAsync(ProbedSite.Of(Workloads, farAddresses), cancellation);
        await using var streams = await lab.ProbeAsync(PacketsPerSecond);
        output.WriteLine($"Open vSwitch {await lab.Switch.VersionAsync()}, {lab.Flows.Count} flows");
        (string Name, Func<Task> Happens)[] events =
        [
            ("nothing", () => Task.Delay(TimeSpan.FromSeconds(2), cancellation)),
            ("killed and started", () => AgainAsync(lab, () => lab.Agent.KillAsync(cancellation))),
            ("stopped and started", () => AgainAsync(lab, () => lab.Agent.StopAsync(cancellation))),
            ("upgraded", () => AgainAsync(lab, async () =>
            {
                await lab.Agent.StopAsync(cancellation);
                lab.Agent.Replace();
            })),
            ("every flow labelled with another layout", () => lab.SendAsync(WithNextLabel(lab.Flows))),
            ("broker killed and started", () => BrokerAgainAsync(lab)),
            ("agent started without a broker", async () =>
            {
                await lab.Broker.KillAsync();
                await lab.Agent.KillAsync(cancellation);
                lab.Agent.Start();
                await BrokerBackAsync(lab);
            }),
        ];
        foreach (var (name, happens) in events)
        {
            await happens();
            var report = await streams.CutAsync();
            output.WriteLine($"{name}: {report}");
            Assert.Equal((0, 0), (report.Lost, report.Passed));
            Assert.True(report is { Permitted: > 0, Forbidden: > 0 });
        }

        Assert.True((await lab.CompareAsync()).FoundRight);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Nothing_is_lost_and_nothing_passes_when_every_flow_gets_another_layout()
    {
        await using var lab = await EnforcedLab.StartAsync(ProbedSite.Of(Workloads, 2_000), cancellation);
        await using var streams = await lab.ProbeAsync(PacketsPerSecond);
        for (var round = 1; round <= 5; round++)
        {
            await lab.SendAsync(OfNextLayout(lab.Flows));
        }

        var report = await streams.CutAsync();
        output.WriteLine($"{lab.Flows.Count} flows replaced five times: {report}");
        Assert.Equal((0, 0), (report.Lost, report.Passed));
        Assert.True((await lab.CompareAsync()).FoundRight);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task The_probes_tell_when_packets_are_lost_and_when_forbidden_ones_pass()
    {
        await using var lab = await EnforcedLab.StartAsync(ProbedSite.Of(4, 0), cancellation);
        await lab.Agent.KillAsync(cancellation);
        await using var streams = await lab.ProbeAsync(PacketsPerSecond);
        await lab.Switch.OfctlAsync("del-flows", ProbedSite.Bridge.Value);
        await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
        var closed = await streams.CutAsync();
        await lab.Switch.OfctlAsync("add-flow", ProbedSite.Bridge.Value, "actions=NORMAL");
        await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
        var open = await streams.CutAsync();
        Assert.True(closed.Lost > 0, closed.ToString());
        Assert.True(open.Passed > 0, open.ToString());
    }

    /// <summary>The same meaning in flows of which none is the same: every priority is another, and every cookie tells of another layout.</summary>
    private static HostFlows OfNextLayout(HostFlows flows) => flows with
    {
        Revision = flows.Revision.Next,
        Bridges = flows.Bridges
            .Select(b => b with { Flows = FlowSet.Of(b.Flows.Select(f => f with { Priority = (ushort)(f.Priority + 1), Cookie = f.Cookie + (1UL << 40) })) })
            .ToValueList(),
    };

    /// <summary>The same flows, with cookies of another layout.</summary>
    private static HostFlows WithNextLabel(HostFlows flows) => flows with
    {
        Revision = flows.Revision.Next,
        Bridges = flows.Bridges.Select(b => b with { Flows = FlowSet.Of(b.Flows.Select(f => f with { Cookie = f.Cookie + (1UL << 40) })) }).ToValueList(),
    };

    private static async Task AgainAsync(EnforcedLab lab, Func<Task> end)
    {
        await end();
        lab.Agent.Start();
        await lab.InForceAsync();
    }

    private static async Task BrokerAgainAsync(EnforcedLab lab)
    {
        await lab.Broker.KillAsync();
        await BrokerBackAsync(lab);
    }

    private static async Task BrokerBackAsync(EnforcedLab lab)
    {
        await lab.Broker.StartAgainAsync();
        await lab.ReconnectAsync();
        await lab.InForceAsync();
    }
}
