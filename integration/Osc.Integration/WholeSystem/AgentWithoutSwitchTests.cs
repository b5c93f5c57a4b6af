using Osc.Agent.Desired;
using Osc.Integration.Agent;
using Osc.Lab;
using Xunit;

namespace Osc.Integration.WholeSystem;

/// <summary>bin/osc-agent on a machine whose Open vSwitch, and broker, are not there yet.</summary>
public sealed class AgentWithoutSwitchTests
{
    private const int Count = 100;
    private const int TimeoutMilliseconds = 180_000;

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Agent_without_a_switch_says_so_goes_on_and_enforces_when_there_is_one()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var space = await LabSpace.ClaimAsync("start");
        var state = Path.Combine(space.DirectoryPath, "state");
        var flows = AgentProcessLab.Flows(1, Count, variant: 2);
        using (var kept = DesiredStore.Open(state, out var error))
        {
            Assert.Null(error);
            Assert.Null(kept!.Save(flows));
        }

        using var agent = space.Start(ProgramRun.PathOf("osc-agent"),
        [
            "--host", AgentProcessLab.Host.Value, "--broker", "amqp://127.0.0.1:1", "--state-directory", state,
            "--ovs-run-directory", Path.Combine(space.DirectoryPath, "sw", "run"),
        ]);
        agent.StandardInput.Close();
        await UntilAsync("the switch is out of reach");
        await UntilAsync("the agent is ready");
        await UntilAsync("not connected to the bus");
        Assert.False(agent.HasExited);

        var openSwitch = await SwitchInstance.StartAsync(space, "sw");
        await openSwitch.AddBridgeAsync(AgentProcessLab.Bridge);
        await UntilAsync("all flows are in force");
        var there = await openSwitch.OfctlAsync("dump-flows", AgentProcessLab.Bridge.Value);
        Assert.Equal(Count, there.Split('\n').Count(l => l.Contains("cookie=0x5c0", StringComparison.Ordinal)));

        async Task UntilAsync(string message)
        {
            while (await agent.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
                if (line.Contains(message, StringComparison.Ordinal))
                {
                    return;
                }
            }

            Assert.Fail($"the agent ended without saying '{message}': {await agent.StandardError.ReadToEndAsync(cancellation)}");
        }
    }
}
