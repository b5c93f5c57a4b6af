using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Osc.Integration.Continuity;

/// <summary>Many ports at once: each is closed until its workload's policy is in, and that is soon; an agent that comes back finds all in order as soon.</summary>
public sealed class ManyPortsTests(ITestOutputHelper output)
{
    private const int PacketsPerSecond = 3_000;
    private const int NewPorts = 50;
    private const int TimeoutMilliseconds = 600_000;

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Fifty_ports_that_come_at_once_pass_nothing_but_what_policy_permits()
    {
        await using var lab = await EnforcedLab.StartAsync(ProbedSite.Of(NewPorts, 5_000), cancellation);
        var links = lab.Lab.Stations.Select(s => s.Link).ToArray();
        await lab.Switch.VsctlAsync(Chained(links, link => ["del-port", ProbedSite.Bridge.Value, link]));
        await lab.UnboundAsync(NewPorts);
        await using var streams = await lab.ProbeAsync(PacketsPerSecond);
        for (var round = 0; round < 3; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            await lab.Switch.VsctlAsync(Chained(links, link => ["add-port", ProbedSite.Bridge.Value, link]));
            var added = Stopwatch.GetElapsedTime(begin);
            await lab.UnboundAsync(0);
            var enforced = Stopwatch.GetElapsedTime(begin);
            var during = await streams.CutAsync();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{NewPorts} ports at once, {lab.Flows.Count} flows: the switch had them after {added.TotalMilliseconds:F0} ms, the agent reported them bound after {enforced.TotalMilliseconds:F0} ms; {during}"));
            Assert.Equal(0, during.Passed);

            // The datapath may go on for some milliseconds to drop what it dropped before the flows were there.
            await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
            Assert.Equal(0, (await streams.CutAsync()).Passed);
            await Task.Delay(TimeSpan.FromMilliseconds(300), cancellation);
            var after = await streams.CutAsync();
            Assert.Equal((0, 0), (after.Lost, after.Passed));
            Assert.All(after.Pairs, p => Assert.True(p.Sent > 0));
            Assert.True((await lab.CompareAsync()).FoundRight);

            // All away again: nothing is left that would let a port in that comes later under the same number.
            await lab.Switch.VsctlAsync(Chained(links, link => ["del-port", ProbedSite.Bridge.Value, link]));
            await lab.UnboundAsync(NewPorts);
            await streams.CutAsync();
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_agent_that_was_killed_is_back_in_step_with_55_ports_and_7000_flows()
    {
        await using var lab = await EnforcedLab.StartAsync(ProbedSite.Of(56, 5_300), cancellation);
        await using var streams = await lab.ProbeAsync(PacketsPerSecond);
        var times = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            await lab.Agent.KillAsync(cancellation);
            var begin = Stopwatch.GetTimestamp();
            lab.Agent.Start();
            await lab.InForceAsync();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        var report = await streams.CutAsync();
        times.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{lab.Lab.Stations.Count} ports, {lab.Flows.Count} flows, from the start of the agent's process to its hello that all is in force: median {times[2]:F0} ms, at most {times[^1]:F0} ms; {report}"));
        Assert.Equal((0, 0), (report.Lost, report.Passed));
    }

    /// <summary>A command for each link, as one transaction.</summary>
    private static IEnumerable<string> Chained(IEnumerable<string> links, Func<string, string[]> command) =>
        links.SelectMany(link => command(link).Prepend("--")).Skip(1);
}
