using System.Text.Json.Nodes;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Lab.RabbitMq;
using Osc.Model;
using Osc.Policy.Decisions;

namespace Osc.PackageTrial;

/// <summary>
/// The agent's Debian package on a host whose switch carries packets: installed, upgraded, restarted, removed, installed again and purged, under
/// systemd. A permitted and a forbidden stream of numbered requests go on through each step; what is lost of the one and answered of the other is counted.
/// </summary>
internal sealed class Trial(PolicyLab lab, PolicySet set, TextWriter output)
{
    private const string Unit = "osc-agent.service";
    private const int PacketsPerSecond = 1000;

    /// <summary>What the streams show before and after each step.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private bool isRight = true;

    /// <param name="packages">The package, and the same with a later version.</param>
    /// <returns>Whether everything was as it should be.</returns>
    public async Task<bool> RunAsync((string First, string Second) packages, CancellationToken cancellation)
    {
        var broker = await RabbitMqBroker.StartAsync(lab.Space, "rabbit");
        await using var orchestrator = await Orchestrator.StartAsync("osc-controller", lab.Space, new JsonObject { ["broker"] = new JsonObject { ["url"] = broker.Uri.ToString() } }, cancellation);
        var permitted = Connection(Verdict.Allow);
        var host = lab.Hosts.First(h => h.Value == permitted.From.Host);
        var forbidden = Connection(Verdict.Drop, permitted.From);
        await using var answering = Responder.Start(permitted.To, [(permitted.Connection.Protocol, permitted.Connection.DestinationPort)]);
        await using var never = Responder.Start(forbidden.To, [(forbidden.Connection.Protocol, forbidden.Connection.DestinationPort)]);
        output.WriteLine($"permitted: {permitted.Connection}\nforbidden: {forbidden.Connection}\n{PacketsPerSecond} requests a second each, through each step");

        foreach (var other in lab.Hosts.Where(h => h.Key != host.Key))
        {
            StartAgent(other.Key, other.Value, broker.Uri);
        }

        var container = await Container.StartAsync(lab.Space, new Dictionary<string, string>
        {
            [host.Value.RunDirectory] = "/run/openvswitch",
            [Path.GetDirectoryName(packages.First)!] = "/packages", // a file has a directory
        });
        output.WriteLine($"{(await container.RunAsync("systemctl", "--version")).Split('\n')[0]} runs in a container, with the switch of {host.Key}");
        await container.WriteAsync("/etc/osc/agent.json", new JsonObject { ["host"] = host.Key.Value, ["broker"] = broker.Uri.ToString(), ["xenstore"] = "off" }.ToJsonString());

        Task<string> InstallAsync(string package) => container.RunAsync("dpkg", "--install", $"/packages/{Path.GetFileName(package)}");
        var revision = await orchestrator.ApplyAsync(set.DirectoryPath, "the package's trial", cancellation);
        await InstallAsync(packages.First);
        await orchestrator.WaitForRolloutAsync(revision, cancellation);
        Check($"installed: {await VersionAsync(container)}, enforcing revision {revision}", await container.MainProcessAsync(Unit) != 0);
        var flows = await FlowsAsync(host.Value);
        var process = await container.MainProcessAsync(Unit);

        await StepAsync("upgrade", () => InstallAsync(packages.Second));
        Check($"  now {await VersionAsync(container)}, another process", await container.MainProcessAsync(Unit) is not 0 and var upgraded && upgraded != process);
        await StepAsync("three restarts", async () =>
        {
            for (var i = 0; i < 3; i++)
            {
                await container.RunAsync("systemctl", "restart", Unit);
            }
        });
        await StepAsync("remove", () => container.RunAsync("dpkg", "--remove", "osc-agent"));
        Check("  no agent runs, its state and configuration are there", await container.MainProcessAsync(Unit) == 0 && await container.HasAsync("/var/lib/osc-agent/desired") && await container.HasAsync("/etc/osc/agent.json"));
        await StepAsync("install again", () => InstallAsync(packages.Second));
        Check("  the agent runs", await container.MainProcessAsync(Unit) != 0);
        await StepAsync("purge", () => container.RunAsync("dpkg", "--purge", "osc-agent"));
        Check("  its state is gone, its configuration stays", !await container.HasAsync("/var/lib/osc-agent") && await container.HasAsync("/etc/osc/agent.json") && !await container.HasAsync("/usr/bin/osc-agent"));
        Check($"  the switch has its {flows.Count} flows", flows.SetEquals(await FlowsAsync(host.Value)));
        await container.StopAsync();
        return isRight;

        async Task StepAsync(string name, Func<Task> step)
        {
            await using var good = SteadyStream.Start(permitted.From, permitted.Connection, PacketsPerSecond);
            await using var bad = SteadyStream.Start(forbidden.From, forbidden.Connection, PacketsPerSecond);
            await Task.Delay(Margin, cancellation);
            await step();
            await Task.Delay(Margin, cancellation);
            var (passed, stopped) = (await good.StopAsync(), await bad.StopAsync());
            Check(
                $"{name}: permitted {passed.Sent} sent, {passed.Lost} lost, longest gap {passed.LongestGap.TotalMilliseconds:0} ms; forbidden {stopped.Sent} sent, {stopped.Answered} passed",
                passed is { Sent: > 0, Lost: 0 } && stopped is { Sent: > 0, Answered: 0 });
        }
    }

    /// <summary>The first UDP connection between two hosts with a verdict.</summary>
    private (Station From, Station To, Connection Connection) Connection(Verdict verdict, Station? from = null) => ProbePlan.Connections(lab, set.State)
        .Where(c => c.Connection.Protocol == IpProtocol.Udp && c.From.Host != c.To.Host && (from is null || c.From == from) && Decider.Decide(set.State, c.Connection).Verdict == verdict)
        .Select(c => (c.From, c.To, c.Connection))
        .First();

    private void StartAgent(Name host, SwitchInstance openSwitch, Uri broker)
    {
        var state = Directory.CreateDirectory(Path.Combine(lab.Space.DirectoryPath, "agents", host.Value)).FullName;
        var agent = lab.Space.Start(
            Path.Combine(PolicySet.Repository, "bin", "osc-agent"),
            ["--host", host.Value, "--broker", broker.ToString(), "--ovs-run-directory", openSwitch.RunDirectory, "--state-directory", state, "--log-level", "error"]);
        agent.StandardInput.Close();
    }

    private static async Task<string> VersionAsync(Container container) => (await container.RunAsync("dpkg-query", "--show", "--showformat=${Package} ${Version}", "osc-agent")).Trim();

    private static async Task<HashSet<string>> FlowsAsync(SwitchInstance openSwitch) =>
        (await openSwitch.OfctlAsync("--no-stats", "dump-flows", "br-int")).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet();

    private void Check(string what, bool right)
    {
        isRight &= right;
        output.WriteLine(right ? what : $"WRONG  {what}");
    }
}
