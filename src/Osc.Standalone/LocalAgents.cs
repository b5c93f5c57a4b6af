using Osc.Agent;
using Osc.Agent.Desired;
using Osc.Bus.InMemory;
using Osc.Controller.Configuration;
using Osc.Controller.Hosting;
using Osc.Store;
using Osc.Switch;

namespace Osc.Standalone;

/// <summary>A controller with agents in its own process, joined by the in-memory bus.</summary>
internal static class LocalAgents
{
    /// <exception cref="StartupException">The configuration asks for a broker, or an agent's directory cannot be used.</exception>
    public static WebApplication Build(ControllerOptions options, PolicyStore store, TimeProvider time)
    {
        if (options.Broker is not null)
        {
            throw new StartupException(Controller.Hosting.ExitCode.Usage, "broker: this program has a bus of its own; osc-controller uses a broker");
        }

        var kept = options.Agents.Select(agent => (Agent: agent, Store: Open(agent))).ToList();
        var bus = new InMemoryBus();
        return ControllerApp.Build(options, store, _ => bus, time, services =>
        {
            foreach (var (agent, desired) in kept)
            {
                services.AddSingleton<IHostedService>(provider => new LocalAgentService(
                    new AgentOptions(agent.Host, agent.State),
                    new SwitchSockets(agent.RunDirectory, agent.Database),
                    desired,
                    bus.Agent(agent.Host),
                    new AgentLog(provider.GetRequiredService<ILoggerFactory>().CreateLogger($"Osc.Agent.{agent.Host}"))));
            }
        });
    }

    private static DesiredStore Open(LocalAgent agent) =>
        DesiredStore.Open(agent.State, out var error) ?? throw new StartupException(Controller.Hosting.ExitCode.Usage, $"agent {agent.Host}: {error}");
}
