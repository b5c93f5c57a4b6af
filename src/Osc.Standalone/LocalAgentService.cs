using Osc.Agent;
using Osc.Agent.Desired;
using Osc.Agent.Logging;
using Osc.Bus;
using Osc.Switch;
using Osc.Switch.Traffic;

namespace Osc.Standalone;

/// <summary>Runs one agent as long as the process lives.</summary>
internal sealed class LocalAgentService(AgentOptions options, SwitchSockets sockets, DesiredStore store, IAgentBus bus, IAgentLog log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await using var openSwitch = new SwitchClient(sockets);
        await using var traffic = new TrafficClient(sockets, SwitchTiming.Default, TimeProvider.System);
        await new AgentService(options, store, bus, openSwitch, log, TimeProvider.System) { Traffic = traffic }.RunAsync(stoppingToken);
    }

    public override void Dispose()
    {
        store.Dispose();
        base.Dispose();
    }
}
