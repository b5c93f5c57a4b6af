using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Osc.Integration.Continuity;

/// <summary>
/// The switch daemon is killed and started. What it does not forward while it is away is its own outage; what the agent answers for is that
/// its flows are back soon, and that nothing passes that policy forbids, least of all before they are.
/// </summary>
public sealed class SwitchRestartTests(ITestOutputHelper output)
{
    private const int PacketsPerSecond = 3_000;
    private const int Workloads = 16;
    private const int TimeoutMilliseconds = 600_000;

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("on")]
    [InlineData("off")]
    public async Task Nothing_forbidden_passes_when_the_switch_daemon_restarts_and_permitted_packets_soon_do(string restoreBeforeForwarding)
    {
        await using var lab = await EnforcedLab.StartAsync(ProbedSite.Of(Workloads, 7_000), cancellation, "--restore-before-forwarding", restoreBeforeForwarding);
        await using var streams = await lab.ProbeAsync(PacketsPerSecond);
        Assert.Equal(0, (await streams.CutAsync()).Lost);
        for (var round = 0; round < 3; round++)
        {
            await lab.Switch.KillDaemonAsync();
            await lab.TroubleAsync();
            var start = Stopwatch.GetTimestamp();
            await lab.Switch.StartDaemonAsync();
            var daemon = Stopwatch.GetElapsedTime(start);
            await lab.InForceAsync();
            var enforced = Stopwatch.GetElapsedTime(start);
            await GateIsPassedAsync(lab, restoreBeforeForwarding == "on");
            var during = await streams.CutAsync();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{lab.Flows.Count} flows, restore before forwarding {restoreBeforeForwarding}: the daemon was up after {daemon.TotalMilliseconds:F0} ms, its flows after {enforced.TotalMilliseconds:F0} ms; {during}"));
            Assert.Equal(0, during.Passed);

            await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
            var after = await streams.CutAsync();
            Assert.Equal((0, 0), (after.Lost, after.Passed));
            Assert.True(after.Permitted > 0);
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_daemon_that_waits_forwards_on_no_bridge_before_the_agent_is_there()
    {
        await using var lab = await EnforcedLab.StartAsync(ProbedSite.Of(4, 0), cancellation, "--restore-before-forwarding", "on");
        await GateIsPassedAsync(lab, isSet: true);
        await using var streams = await lab.ProbeAsync(PacketsPerSecond);
        await lab.Agent.KillAsync(cancellation);
        await lab.Switch.KillDaemonAsync();
        await lab.Switch.StartDaemonAsync();
        await lab.Switch.OfctlAsync("add-flow", ProbedSite.Bridge.Value, "actions=NORMAL");
        await streams.CutAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
        var waiting = await streams.CutAsync();
        Assert.Equal(waiting.Permitted, waiting.Lost);
        Assert.Equal(0, waiting.Passed);

        // The agent displaces no flow of others: the one that forwards everything goes first.
        await lab.Switch.OfctlAsync("del-flows", ProbedSite.Bridge.Value);
        lab.Agent.Start("--restore-before-forwarding", "on");
        await lab.InForceAsync();
        await GateIsPassedAsync(lab, isSet: true);
        await streams.CutAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
        var restored = await streams.CutAsync();
        Assert.Equal((0, 0), (restored.Lost, restored.Passed));

        // An agent that is told otherwise takes back what the one before it said.
        await lab.Agent.StopAsync(cancellation);
        lab.Agent.Start();
        await lab.InForceAsync();
        await lab.Switch.VsctlAsync("wait-until", "Open_vSwitch", ".", "other_config={}");
        await GateIsPassedAsync(lab, isSet: false);
    }

    /// <summary>Waits until the database says again that the daemon's next start is to wait; or sees that it does not say so.</summary>
    private async Task GateIsPassedAsync(EnforcedLab lab, bool isSet)
    {
        if (isSet)
        {
            await lab.Switch.VsctlAsync("wait-until", "Open_vSwitch", ".", "other_config:flow-restore-wait=true");
        }
        else
        {
            Assert.DoesNotContain("flow-restore-wait", await lab.Switch.VsctlAsync("get", "Open_vSwitch", ".", "other_config"), StringComparison.Ordinal);
        }
    }
}
