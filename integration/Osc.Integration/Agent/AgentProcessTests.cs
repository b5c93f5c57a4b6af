using Osc.Bus.Updates;
using Xunit;

namespace Osc.Integration.Agent;

/// <summary>The agent's process is killed, stopped and started on a real switch; broker and switch go away under it.</summary>
public sealed class AgentProcessTests
{
    private const int Count = 5_000;

    /// <summary>A test that waits for what never comes fails instead of holding up the run.</summary>
    private const int TimeoutMilliseconds = 180_000;

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_agent_killed_in_the_middle_of_an_apply_ends_in_the_same_flows_once_started_again()
    {
        await using var lab = await AgentProcessLab.StartAsync(cancellation);
        var before = AgentProcessLab.Flows(1, Count, variant: 2);
        var after = AgentProcessLab.Flows(2, Count, variant: 3);
        lab.StartAgent();
        await lab.Controller.HearAsync(m => m.Hello, cancellation);
        await lab.SendSnapshotAsync(before, "u1");
        await lab.InForceAsync(before);

        // The new flows are on the disk before they go to the switch: the moment they are, the agent dies.
        var kept = NextRename(lab.StateDirectory);
        await lab.SendSnapshotAsync(after, "u2");
        await kept.WaitAsync(cancellation);
        await lab.KillAgentAsync();

        lab.StartAgent();
        await lab.InForceAsync(after);
        Assert.True((await lab.CompareAsync(after)).FoundRight);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_restart_does_not_touch_flows_that_are_right()
    {
        await using var lab = await AgentProcessLab.StartAsync(cancellation);
        var flows = AgentProcessLab.Flows(1, Count, variant: 2);
        lab.StartAgent();
        await lab.Controller.HearAsync(m => m.Hello, cancellation);
        await lab.SendSnapshotAsync(flows, "u1");
        await lab.InForceAsync(flows);
        Assert.Equal(0, await lab.StopAgentAsync());
        var before = await lab.AgesAsync();
        Assert.Equal(Count, before.Count);

        // With the broker down too: the disk is enough.
        await lab.Broker.KillAsync();
        lab.StartAgent();
        await lab.Broker.StartAgainAsync();
        await using var controller = await Bus.ControllerEnd.ConnectAsync(lab.Broker, cancellation);
        await controller.HearAsync(m => m.Hello is { Problem: null, Revision: 1 } hello ? hello : null, cancellation);
        var after = await lab.AgesAsync();
        Assert.All(before, flow => Assert.True(after[flow.Key] >= flow.Value, $"written anew: {flow.Key}"));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_switch_daemon_that_is_killed_gets_its_flows_back_when_it_is_there_again()
    {
        await using var lab = await AgentProcessLab.StartAsync(cancellation);
        var flows = AgentProcessLab.Flows(1, Count, variant: 2);
        lab.StartAgent();
        await lab.Controller.HearAsync(m => m.Hello, cancellation);
        await lab.SendSnapshotAsync(flows, "u1");
        await lab.InForceAsync(flows);
        await lab.Switch.KillDaemonAsync();
        await lab.Controller.HearAsync(m => m.Hello?.Problem, cancellation);
        await lab.Switch.StartDaemonAsync();
        await lab.InForceAsync(flows);
        Assert.True((await lab.CompareAsync(flows)).FoundRight);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_delta_reaches_the_switch_although_the_broker_is_killed_in_between()
    {
        await using var lab = await AgentProcessLab.StartAsync(cancellation);
        var before = AgentProcessLab.Flows(1, 100, variant: 2);
        var after = AgentProcessLab.Flows(2, 100, variant: 3);
        lab.StartAgent();
        await lab.Controller.HearAsync(m => m.Hello, cancellation);
        await lab.SendSnapshotAsync(before, "u1");
        await lab.InForceAsync(before);
        await lab.KillAgentAsync();
        await lab.Controller.SendAsync(new() { Host = "h1", Delta = DeltaUpdates.Write(before, after, "u2") }, cancellation);
        await lab.Broker.KillAsync();
        lab.StartAgent();
        await lab.Broker.StartAgainAsync();
        await using var controller = await Bus.ControllerEnd.ConnectAsync(lab.Broker, cancellation);
        Assert.Equal(after.Digest.ToString(), (await controller.HearAsync(m => m.Ack is { Update: "u2" } ack ? ack : null, cancellation)).Digest);
        Assert.True((await lab.CompareAsync(after)).FoundRight);
    }

    /// <summary>Done when the file of desired flows is next replaced. Holds the watcher meanwhile: one that nobody holds is collected, and tells nothing.</summary>
    private static async Task NextRename(string directory)
    {
        var renamed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(directory) { NotifyFilter = NotifyFilters.FileName };
        watcher.Renamed += (_, change) =>
        {
            if (change.Name == "desired")
            {
                renamed.TrySetResult();
            }
        };
        watcher.EnableRaisingEvents = true;
        await renamed.Task;
    }
}
