using System.Globalization;
using Osc.Agent;
using Osc.Agent.Desired;
using Osc.Agent.Logging;
using Osc.Benchmarks.Delivery;
using Osc.Benchmarks.Throughput;
using Osc.Bus.InMemory;
using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Switch;
using Osc.Switch.Traffic;

namespace Osc.Benchmarks.Traffic;

/// <summary>
/// What it costs to read the counts of all rules off a switch: processor time of the agent and of ovs-vswitchd for each reading, and how long one takes. An
/// agent reads as fast as it may for a while; what both take in the same while without readings is taken off.
/// </summary>
internal static class CountingBenchmark
{
    private static readonly TimeSpan While = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);

    /// <summary>How often an agent reads (trafficSeconds), in seconds.</summary>
    private const int Period = 5;

    public static async Task<int> RunAsync()
    {
        await using var lab = await TwoWorkloads.BuildAsync();
        Console.WriteLine($"Reading the counts of all rules, Open vSwitch userspace datapath, no packets [load {File.ReadAllText("/proc/loadavg").Split(' ')[0]} on {Environment.ProcessorCount} cores]");
        Console.WriteLine($"{"rules",8} {"flows",8} {"readings",9} {"ms each",9} {"agent ms CPU",13} {"vswitchd ms CPU",16} {$"of a core, every {Period} s",24}");
        foreach (var rules in new[] { 10, 1_000, 10_000 })
        {
            var flows = lab.Compiled(rules);
            var quiet = await MeasureAsync(lab, flows, Never);
            var reading = await MeasureAsync(lab, flows, Often);
            var (agent, daemon) = ((reading.Agent - quiet.Agent) / reading.Readings, (reading.Daemon - quiet.Daemon) / reading.Readings);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{rules,8:N0} {flows.Count,8:N0} {reading.Readings,9} {reading.Milliseconds,9:0.0} {agent * 1000,13:0.0} {daemon * 1000,16:0.0} {(agent + daemon) / Period,24:P2}"));
        }

        return 0;
    }

    /// <summary>An agent that has the flows, and reads every so often.</summary>
    private static async Task<Measured> MeasureAsync(TwoWorkloads lab, FlowSet flows, TimeSpan every)
    {
        var directory = Directory.CreateTempSubdirectory("osc-bench-");
        try
        {
            using var store = DesiredStore.Open(directory.FullName, out var error) ?? throw new InvalidOperationException(error);
            using var stop = new CancellationTokenSource();
            var bus = new InMemoryBus();
            await using var openSwitch = new SwitchClient(lab.Sockets);
            await using var traffic = new TrafficClient(lab.Sockets, SwitchTiming.Default, TimeProvider.System);
            var watched = new WatchedSource(traffic);
            var options = new AgentOptions(TwoWorkloads.Host, directory.FullName) { TrafficEvery = every };
            var log = new ConsoleLog(TextWriter.Null, LogFormat.Text, LogLevel.Error, false, TimeProvider.System);
            var service = new AgentService(options, store, bus.Agent(TwoWorkloads.Host), openSwitch, log, TimeProvider.System) { Traffic = watched };
            var running = service.RunAsync(stop.Token);
            await PutInForceAsync(bus, new(TwoWorkloads.Host, new(1), [new(TwoWorkloads.Bridge, flows)]), stop.Token);
            await watched.UntilReadAsync(); // once, as every agent does at its start

            var (agent, daemon) = (OwnSeconds, lab.SwitchUse.CpuSeconds);
            watched.Forget();
            await Task.Delay(While);
            var measured = new Measured(OwnSeconds - agent, lab.SwitchUse.CpuSeconds - daemon, watched.Readings, watched.Milliseconds);
            await stop.CancelAsync();
            await running;
            return measured;
        }
        finally
        {
            directory.Delete(true);
        }
    }

    private static double OwnSeconds => ProcessUse.Of(Environment.ProcessId).CpuSeconds;

    private static async Task PutInForceAsync(InMemoryBus bus, HostFlows flows, CancellationToken cancellation)
    {
        foreach (var chunk in SnapshotWriter.Split(flows, "u1"))
        {
            await bus.TrySendAsync(new() { Host = TwoWorkloads.Host.Value, Snapshot = chunk }, cancellation);
        }

        await foreach (var message in bus.ReceiveAsync(cancellation))
        {
            if (message.Ack is not null)
            {
                return;
            }
        }
    }

    /// <param name="Agent">Processor time in seconds.</param>
    /// <param name="Milliseconds">How long a reading took, in the middle.</param>
    private readonly record struct Measured(double Agent, double Daemon, int Readings, double Milliseconds);
}
