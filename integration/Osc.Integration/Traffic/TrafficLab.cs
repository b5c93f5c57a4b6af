using System.Net.Sockets;
using Osc.Agent;
using Osc.Agent.Desired;
using Osc.Agent.Logging;
using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Bus.Updates;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Osc.Switch;
using Osc.Switch.Traffic;

namespace Osc.Integration.Traffic;

/// <summary>Two workloads on one real switch, an agent for it, and the controller's part played by the test, which adds up what the agent reports.</summary>
internal sealed class TrafficLab : IAsyncDisposable
{
    public const uint LoggedPerSecond = 20;

    private static readonly Name Host = Name.Parse("h1");

    private readonly CancellationToken patience;
    private readonly InMemoryBus bus = new();
    private readonly PolicyLab lab;
    private readonly Dictionary<(uint Rule, TrafficSide Side), (long Packets, long Logged, long Records)> counts = [];
    private readonly Dictionary<string, long> drops = [];
    private readonly HashSet<(string, long)> added = [];
    private readonly List<LoggedConnection> records = [];
    private IAsyncEnumerator<AgentMessage>? heard;
    private CompiledHost compiled;
    private Running? running;

    private TrafficLab(PolicyLab lab, State state, CancellationToken patience)
    {
        this.lab = lab;
        this.patience = patience;
        State = state;
        compiled = HostCompiler.Compile(state, Host, HostNumbering.Empty);
        Directory.CreateDirectory(StateDirectory);
    }

    public State State { get; private set; }

    public IReadOnlyList<LoggedConnection> Records => records;

    private string StateDirectory => Path.Combine(lab.Space.DirectoryPath, "agent");

    public static async Task<TrafficLab> StartAsync(string policy, CancellationToken patience)
    {
        var state = StateOf(policy);
        var lab = await PolicyLab.BuildAsync("traffic", state);
        try
        {
            // Resolved beforehand, so that no packet waits for it.
            foreach (var (from, to) in new[] { (Web(lab), Db(lab)), (Db(lab), Web(lab)) })
            {
                await from.Netns.IpAsync(to.Addresses.Select(a => $"neigh replace {a} lladdr {to.Placed.Interface.Mac} dev {Station.InnerLink}"));
            }

            var traffic = new TrafficLab(lab, state, patience);
            traffic.StartAgent();
            await traffic.PutInForceAsync();

            // Once it is counted, the agent hears what is logged too.
            await traffic.SendAsync(1000, 1, 1_000);
            await traffic.CountAsync("first", c => c.Packets == 1);
            return traffic;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>A state of two workloads, web-1 and db-1, with one policy.</summary>
    /// <param name="rules">The policy's rules, in YAML.</param>
    public static State StateOf(string rules)
    {
        var read = DocumentReader.ReadYaml($$"""
            { apiVersion: osc/v1, kind: Cloud, metadata: { name: lab, tenant: system } }
            ---
            { apiVersion: osc/v1, kind: Host, metadata: { name: h1, tenant: system }, spec: { cloud: lab, bridges: [ { name: br-int } ] } }
            ---
            { apiVersion: osc/v1, kind: Tenant, metadata: { name: shop, tenant: shop }, spec: { defaultAction: allow } }
            ---
            { apiVersion: osc/v1, kind: Network, metadata: { name: front, tenant: shop }, spec: { cloud: lab, vlan: 10, subnets: [ 10.10.0.0/24, "fd00:10::/64" ] } }
            ---
            { apiVersion: osc/v1, kind: Workload, metadata: { name: web-1, tenant: shop }, spec: { cloud: lab, interfaces: [
              { name: eth0, mac: "02:00:00:00:0a:01", addresses: [ 10.10.0.11, "fd00:10::11" ], network: front, attachment: { host: h1, port: vif1.0 } } ] } }
            ---
            { apiVersion: osc/v1, kind: Workload, metadata: { name: db-1, tenant: shop }, spec: { cloud: lab, interfaces: [
              { name: eth0, mac: "02:00:00:00:0a:02", addresses: [ 10.10.0.12, "fd00:10::12" ], network: front, attachment: { host: h1, port: vif2.0 } } ] } }
            ---
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: app, tenant: shop }
            spec:
              rules:
                - { name: first, services: [ udp/1000 ], action: drop, direction: out }
            {{rules}}
            """, "lab.yaml");
        var result = StateValidator.Validate(new Revision(1), DocumentSet.Of(read.Documents));
        return result.State is { } state && read.Errors.Count == 0 ? state : throw new InvalidOperationException(string.Join('\n', read.Errors.Concat(result.Errors)));
    }

    /// <summary>One rule, in YAML, of connections to a UDP port.</summary>
    public static string RuleTo(string name, int port, string more) => $"    - {{ name: {name}, services: [ udp/{port} ], {more} }}\n";

    /// <summary>Gives the agent other rules, and waits until they are in force.</summary>
    public async Task ChangeAsync(string rules)
    {
        State = StateValidator.Validate(State.Revision.Next, StateOf(rules).Documents).State!; // It was valid under another revision.
        compiled = HostCompiler.Update(State, Host, compiled);
        await PutInForceAsync();
    }

    public void StartAgent()
    {
        var store = DesiredStore.Open(StateDirectory, out var error) ?? throw new InvalidOperationException(error);
        var sockets = SwitchSockets.In(lab.Hosts[Host].RunDirectory);
        var openSwitch = new SwitchClient(sockets) { Limits = SwitchLimits.Default with { LoggedPerSecond = LoggedPerSecond } };
        var traffic = new TrafficClient(sockets, SwitchTiming.Default, TimeProvider.System);
        var options = new AgentOptions(Host, StateDirectory) { TrafficEvery = TimeSpan.FromMilliseconds(500) };
        var stop = CancellationTokenSource.CreateLinkedTokenSource(patience);
        var service = new AgentService(options, store, bus.Agent(Host), openSwitch, new ConsoleLog(TextWriter.Null, LogFormat.Text, LogLevel.Error, false, TimeProvider.System), TimeProvider.System) { Traffic = traffic };
        running = new(stop, service.RunAsync(stop.Token), async () =>
        {
            await openSwitch.DisposeAsync();
            await traffic.DisposeAsync();
            store.Dispose();
            stop.Dispose();
        });
    }

    /// <summary>Stops the agent as SIGTERM does; the switch goes on.</summary>
    public async Task StopAgentAsync()
    {
        var (stop, task, dispose) = running ?? throw new InvalidOperationException("no agent runs");
        running = null;
        await stop.CancelAsync();
        await task;
        await dispose();
    }

    /// <summary>Kills ovs-vswitchd, starts it again, and waits until the agent has put the flows back.</summary>
    public async Task RestartSwitchAsync()
    {
        await lab.Hosts[Host].KillDaemonAsync();
        await lab.Hosts[Host].StartDaemonAsync();
        while (!await HearAsync(m => m.Drift is { Cause: DriftCause.SwitchLost }))
        {
        }
    }

    /// <summary>Sends packets from web-1 to a UDP port of db-1, each of a connection of its own, so many a second.</summary>
    public async Task SendAsync(int port, int count, int perSecond, IpFamily family = IpFamily.IPv4)
    {
        var (from, to) = (Web(lab), Db(lab));
        var end = to.Addresses.First(a => a.Family == family).At(port);
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        for (var i = 0; i < count; i++)
        {
            using var socket = from.Netns.OpenSocket(end.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.SendToAsync("osc"u8.ToArray(), SocketFlags.None, end, patience);
            await pace.WaitForNextTickAsync(patience);
        }
    }

    /// <summary>Counts the packets that come to a UDP port of db-1, until so many have come or none comes any more.</summary>
    public async Task<int> ReceiveAsync(int port, int count)
    {
        using var socket = Db(lab).Netns.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.ReceiveBufferSize = 1 << 20;
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Any, port));
        var buffer = new byte[16];
        var came = 0;
        while (came < count)
        {
            await socket.ReceiveAsync(buffer, SocketFlags.None, patience);
            came++;
        }

        return came;
    }

    /// <summary>What the reports say of a rule's out side, once something holds for it.</summary>
    public async Task<(long Packets, long Logged, long Records)> CountAsync(string rule, Func<(long Packets, long Logged, long Records), bool> until)
    {
        while (!until(Of(rule)))
        {
            await HearReportAsync();
        }

        return Of(rule);
    }

    /// <summary>What the reports said so far of a rule's out side.</summary>
    public (long Packets, long Logged, long Records) Of(string rule) => counts.GetValueOrDefault((compiled.Numbering.Rules[$"shop/app/{rule}"], TrafficSide.Out));

    /// <summary>Packets that ended in a table, once there are some.</summary>
    public async Task<long> DropsAsync(string table)
    {
        while (!drops.ContainsKey(table))
        {
            await HearReportAsync();
        }

        return drops[table];
    }

    public async ValueTask DisposeAsync()
    {
        if (running is not null)
        {
            await StopAgentAsync();
        }

        if (heard is not null)
        {
            await heard.DisposeAsync();
        }

        await lab.DisposeAsync();
    }

    private static Station Web(PolicyLab lab) => lab.Stations.Single(s => s.Name == "shop/web-1");

    private static Station Db(PolicyLab lab) => lab.Stations.Single(s => s.Name == "shop/db-1");

    private async Task PutInForceAsync()
    {
        var flows = compiled.Flows with { Revision = State.Revision };
        foreach (var chunk in SnapshotWriter.Split(flows, $"u{State.Revision.Number}"))
        {
            await bus.TrySendAsync(new() { Host = Host.Value, Snapshot = chunk }, patience);
        }

        while (!await HearAsync(m => m.Ack?.Digest == flows.Digest.ToString()))
        {
        }
    }

    private async Task HearReportAsync()
    {
        while (!await HearAsync(m => m.Traffic is not null))
        {
        }
    }

    private async Task<bool> HearAsync(Func<AgentMessage, bool> which)
    {
        heard ??= bus.ReceiveAsync(patience).GetAsyncEnumerator(patience);
        Xunit.Assert.True(await heard.MoveNextAsync());
        var message = heard.Current;
        Xunit.Assert.Null(BusJson.DecodeAgentMessage(BusJson.Encode(message)).Error);
        if (message.Traffic is { } report)
        {
            await AddAsync(report);
        }

        return which(message);
    }

    /// <summary>As the controller does: each report once, and every time it is said that it is taken.</summary>
    private async Task AddAsync(TrafficReport report)
    {
        if (added.Add((report.Source, report.Sequence)))
        {
            foreach (var hits in report.Rules)
            {
                var (packets, logged, before) = counts.GetValueOrDefault((hits.Rule, hits.Side));
                counts[(hits.Rule, hits.Side)] = (packets + hits.Packets, logged + (hits.Logged ? hits.Packets : 0), before);
            }

            foreach (var record in report.Connections)
            {
                var (packets, logged, before) = counts.GetValueOrDefault((record.Rule, record.Side));
                counts[(record.Rule, record.Side)] = (packets, logged, before + 1);
                records.Add(record);
            }

            foreach (var drop in report.Drops)
            {
                drops[drop.Table] = drops.GetValueOrDefault(drop.Table) + drop.Packets;
            }
        }

        await bus.TrySendAsync(new() { Host = Host.Value, TrafficTaken = new(report.Source, report.Sequence) }, patience);
    }

    private sealed record Running(CancellationTokenSource Stop, Task Task, Func<Task> Dispose);
}
