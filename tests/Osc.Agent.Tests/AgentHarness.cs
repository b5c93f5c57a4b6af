using Osc.Agent.Desired;
using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Model;
using Osc.Switch.Ovsdb;

namespace Osc.Agent.Tests;

/// <summary>An agent between a fake switch and an in-memory bus, with the controller's part played by the test.</summary>
internal sealed class AgentHarness : IAsyncDisposable
{
    public static readonly Name Host = Name.Parse("h1");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string directory = Directory.CreateTempSubdirectory("osc-agent-").FullName;
    private readonly CancellationTokenSource patience = new(Patience);
    private IAsyncEnumerator<AgentMessage>? heard;
    private Running? running;

    public FakeSwitch Switch { get; } = new();

    /// <summary>Xen's store; null where there is no Xen.</summary>
    public FakeVifs? Vifs { get; init; }

    public InMemoryBus Bus { get; } = new();

    public ManualTime Time { get; } = new();

    public MemoryLog Log { get; } = new();

    public string DesiredFile => Path.Combine(directory, "desired");

    public bool RestoresBeforeForwarding { get; init; }

    public AgentOptions Options => new(Host, directory) { RestoresBeforeForwarding = RestoresBeforeForwarding };

    public static SwitchBridge Bridge(string name, params (string Name, uint? Number)[] ports) =>
        new(PortName.Parse(name), "0000000000000001", "secure", "netdev", ports.Select(p => Port(p.Name, p.Number)).ToValueList());

    public static SwitchPort Port(string name, uint? number, string? ifaceId = null) => new(PortName.Parse(name), number, "", ifaceId, null, null, true);

    public static Flow FlowOn(int priority, string port) =>
        FlowTextParser.Parse($"cookie=0x{FlowCookie.Owner:x},table=0,priority={priority},in_port=\"{port}\",actions=drop");

    public static HostFlows HostFlowsOf(long revision, params (string Bridge, Flow[] Flows)[] bridges) =>
        new(Host, new(revision), bridges.Select(b => new BridgeFlows(PortName.Parse(b.Bridge), FlowSet.Of(b.Flows))).ToValueList());

    public static string[] Texts(params Flow[] flows) => [.. flows.Select(f => f.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>Starts an agent on what the directory holds. The fake switch must have been announced, or lost.</summary>
    public void Start()
    {
        var store = DesiredStore.Open(directory, out var error) ?? throw new InvalidOperationException(error);
        var stop = new CancellationTokenSource();
        var service = new AgentService(Options, store, Bus.Agent(Host), Switch, Log, Time) { Vifs = Vifs };
        running = new(service, store, stop, service.RunAsync(stop.Token));
    }

    /// <summary>Stops it as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        var (_, store, stop, task) = running ?? throw new InvalidOperationException("no agent runs");
        running = null;
        await stop.CancelAsync();
        await task;
        store.Dispose();
        stop.Dispose();
    }

    public Task Ready => running!.Service.Ready.WaitAsync(patience.Token);

    /// <summary>The running agent's end.</summary>
    public Task Ended => running!.Task.WaitAsync(patience.Token);

    public void Keep(HostFlows flows)
    {
        using var store = DesiredStore.Open(directory, out _);
        store!.Save(flows);
    }

    public HostFlows? Kept()
    {
        // A copy, since the running agent owns the directory.
        var copy = Directory.CreateTempSubdirectory("osc-agent-copy-").FullName;
        foreach (var file in Directory.GetFiles(directory, "desired*"))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        using var store = DesiredStore.Open(copy, out _);
        return store!.Load(Host).Flows;
    }

    public async Task SendAsync(DeltaUpdate delta) => await Bus.TrySendAsync(new() { Host = "h1", Delta = delta }, patience.Token);

    public async Task SendAsync(HostFlows snapshot, string update)
    {
        foreach (var chunk in SnapshotWriter.Split(snapshot, update))
        {
            await Bus.TrySendAsync(new() { Host = "h1", Snapshot = chunk }, patience.Token);
        }
    }

    public async Task InquireAsync() => await Bus.TrySendAsync(new() { Host = "h1", Inquiry = new("test") }, patience.Token);

    /// <summary>Lets the time go by until the next attempt on the switch.</summary>
    public Task RetryAsync() => Time.AdvanceToTimerAsync(Options.LongestRetry, patience.Token);

    /// <summary>The next message that has the part asked for; others are passed over.</summary>
    public async Task<T> HearAsync<T>(Func<AgentMessage, T?> part)
        where T : class
    {
        heard ??= Bus.ReceiveAsync(patience.Token).GetAsyncEnumerator(patience.Token);
        while (await heard.MoveNextAsync())
        {
            Xunit.Assert.Null(BusJson.DecodeAgentMessage(BusJson.Encode(heard.Current)).Error);
            if (part(heard.Current) is { } found)
            {
                return found;
            }
        }

        throw new InvalidOperationException("the bus ended");
    }

    public Task<Hello> HearHelloAsync(Func<Hello, bool> which) => HearAsync(m => m.Hello is { } hello && which(hello) ? hello : null);

    public Task<Hello> HearInForceAsync(long revision) => HearHelloAsync(h => h.Problem is null && h.Revision == revision);

    public async ValueTask DisposeAsync()
    {
        if (running is not null)
        {
            await StopAsync();
        }

        patience.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private sealed record Running(AgentService Service, DesiredStore Store, CancellationTokenSource Stop, Task Task);
}
