using System.Diagnostics;
using System.Runtime.InteropServices;
using Osc.Agent.Configuration;
using Osc.Agent.Desired;
using Osc.Agent.Logging;
using Osc.Agent.Report;
using Osc.Bus.RabbitMq;
using Osc.Switch;
using Osc.Switch.Traffic;
using Osc.Xen.Vifs;
using Osc.Xen.Xenstore;

namespace Osc.Agent;

/// <summary>The agent as a process of its own: RabbitMQ, a real switch, logs on standard output, signals and systemd.</summary>
internal static class AgentProcess
{
    /// <param name="configuration">Complete: <see cref="ConfigurationReader"/> reported no error.</param>
    public static async Task<ExitCode> RunAsync(AgentConfiguration configuration)
    {
        var log = new ConsoleLog(
            Console.Out, configuration.LogFormat, configuration.LogLevel, Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null, TimeProvider.System);
        using var store = DesiredStore.Open(configuration.StateDirectory, out var error);
        if (store is null)
        {
            await Console.Error.WriteLineAsync($"osc-agent: {error}");
            return ExitCode.NoStateDirectory;
        }

        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var systemd = new SystemdNotifier(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));
        try
        {
            await ServeAsync(configuration, store, log, systemd, stop.Token);
            return ExitCode.Done;
        }
        catch (Exception e)
        {
            // The process's edge: whatever is expected was dealt with below.
            log.Write(LogLevel.Error, "an error in the agent itself", ("exception", e.ToString()));
            return ExitCode.Bug;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task ServeAsync(AgentConfiguration configuration, DesiredStore store, ConsoleLog log, SystemdNotifier systemd, CancellationToken stop)
    {
        using var memory = new MemoryTrimmer();
        var options = configuration.Options! with { WhenQuiet = memory.NoteQuiet }; // The reader saw to the host, and to the broker.
        await using var bus = new RabbitMqAgentBus(new(configuration.Broker!, configuration.BrokerUser, configuration.BrokerPassword) { Tls = configuration.BrokerTls }, options.Host, TimeProvider.System);
        await using var openSwitch = new SwitchClient(configuration.Sockets) { Limits = configuration.Limits };
        await using var traffic = new TrafficClient(configuration.Sockets, SwitchTiming.Default, TimeProvider.System);
        var endpoint = configuration.XenstoreOff ? null : configuration.Xenstore ?? XenstoreEndpoint.Find();
        await using var xenstore = endpoint is null ? null : new XenstoreClient(endpoint, XenstoreTiming.Default);
        var agent = new AgentService(options, store, bus, openSwitch, log, TimeProvider.System)
        {
            Traffic = traffic,
            Certificate = configuration.BrokerTls,
            Vifs = endpoint is null || xenstore is null ? null : new VifWatch(xenstore, VifWatch.DirectoryAt(endpoint)),
        };
        await using var stopping = stop.Register(() => Tell(SystemdNotifier.Stopping));
        var running = agent.RunAsync(stop);
        using var process = Process.GetCurrentProcess();
        if (await Task.WhenAny(agent.Ready, running) == agent.Ready)
        {
            log.Write(LogLevel.Info, "the agent is ready", ("milliseconds", Math.Round((DateTime.Now - process.StartTime).TotalMilliseconds)));
            Tell(SystemdNotifier.Ready);
        }

        await running;

        void Tell(string state)
        {
            if (systemd.Notify(state) is { } failure)
            {
                log.Write(LogLevel.Warning, "systemd was not told", ("state", state), ("reason", failure));
            }
        }
    }
}
