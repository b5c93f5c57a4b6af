using System.Diagnostics;
using System.Globalization;
using System.Text;
using Osc.Benchmarks.Delivery;
using Osc.Flows;
using Osc.Lab;
using Osc.Lab.Frames;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Osc.Switch;

namespace Osc.Benchmarks.Throughput;

/// <summary>What a while of sending came to.</summary>
/// <param name="CpuMicroseconds">Processor time of ovs-vswitchd for each packet that came through.</param>
internal readonly record struct Blasted(double OfferedPerSecond, double PerSecond, double CpuMicroseconds);

/// <summary>One bridge and two workloads on it; rule i allows the first to reach the second on UDP port 10,000 + i.</summary>
internal sealed class TwoWorkloads : IAsyncDisposable
{
    private const int FirstPort = 10_000;
    private const int FirstSource = 1_024;
    private const int Sources = 60_000;
    public static readonly PortName Bridge = PortName.Parse("br0");
    public static readonly Name Host = Name.Parse("h1");

    private readonly PolicyLab lab;
    private readonly Station from;
    private readonly Station to;
    private readonly FrameSender sender;
    private readonly FrameSender answerer;

    private TwoWorkloads(PolicyLab lab)
    {
        this.lab = lab;
        (from, to) = (lab.Stations[0], lab.Stations[1]);
        (sender, answerer) = (FrameSender.Open(from.Netns, Station.InnerLink), FrameSender.Open(to.Netns, Station.InnerLink));
    }

    public SwitchSockets Sockets => SwitchSockets.In(Switch.RunDirectory);

    /// <summary>What ovs-vswitchd has taken so far.</summary>
    public ProcessUse SwitchUse => ProcessUse.Of(Switch.DaemonProcessId ?? throw new InvalidOperationException("the switch does not run"));

    private SwitchInstance Switch => lab.Hosts[Host];

    public static async Task<TwoWorkloads> BuildAsync() => new(await PolicyLab.BuildAsync("through", StateOf(1)));

    public Task InstallAsync(FlowSet flows) => lab.InstallAsync(new HostFlows(Host, new(1), [new(Bridge, flows)]));

    /// <summary>Flows as text, in place of all that are there.</summary>
    public async Task InstallAsync(IReadOnlyList<string> flows)
    {
        var file = Path.Combine(Switch.DirectoryPath, "flows");
        await File.WriteAllLinesAsync(file, flows);
        await Switch.OfctlAsync("--bundle", "replace-flows", Bridge.Value, file);
    }

    public FlowSet Compiled(int rules) => HostCompiler.Compile(StateOf(rules), Host, HostNumbering.Empty).Flows.Bridges[0].Flows;

    /// <summary>What a person would write: what is open goes on, what a rule allows is entered, all else is dropped.</summary>
    public IReadOnlyList<string> ByHand(int rules)
    {
        var (source, destination) = (from.Addresses.First(), to.Addresses.First());
        return
        [
            "table=0,priority=10,arp,actions=NORMAL",
            "table=0,priority=10,ip,actions=ct(table=1)",
            "table=1,priority=100,ip,ct_state=+trk+est,actions=NORMAL",
            .. Enumerable.Range(0, rules).Select(i => string.Create(CultureInfo.InvariantCulture, $"table=1,priority=50,udp,ct_state=+trk+new,nw_src={source},nw_dst={destination},tp_dst={FirstPort + i},actions=ct(commit),NORMAL")),
        ];
    }

    /// <summary>Opens connections: a packet each way.</summary>
    public void Converse(int rules, int connections)
    {
        for (var i = 0; i < connections; i++)
        {
            sender.Send(Frame(from, to, Source(i), FirstPort + (i % rules), 64));
            answerer.Send(Frame(to, from, FirstPort + (i % rules), Source(i), 64));
        }
    }

    public Task ForgetConnectionsAsync() => Switch.AppctlAsync("dpctl/flush-conntrack");

    /// <summary>Sends as fast as it can, and counts what comes through.</summary>
    /// <param name="connection">Of the i-th packet: its source port and its rule, both counted from 0.</param>
    public async Task<Blasted> BlastAsync(TimeSpan duration, int bytes, Func<int, (int Source, int Rule)> connection)
    {
        var frame = Frame(from, to, 0, 0, bytes);
        var (received, cpu, begin) = (Received(), SwitchUse.CpuSeconds, Stopwatch.GetTimestamp());
        var sent = 0;
        for (; Stopwatch.GetElapsedTime(begin) < duration; sent++)
        {
            var (source, rule) = connection(sent);
            FrameBytes.Of((ushort)Source(source)).CopyTo(frame, 34);
            FrameBytes.Of((ushort)(FirstPort + rule)).CopyTo(frame, 36);
            sender.Send(frame);
        }

        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await DrainedAsync();
        var came = Received() - received;
        return new(sent / seconds, came / seconds, (SwitchUse.CpuSeconds - cpu) * 1e6 / Math.Max(1, came));
    }

    public async ValueTask DisposeAsync()
    {
        sender.Dispose();
        answerer.Dispose();
        await lab.DisposeAsync();
    }

    /// <summary>Waits until nothing more comes.</summary>
    private async Task DrainedAsync()
    {
        for (long before = -1, now = Received(); now != before; now = Received())
        {
            before = now;
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    private static int Source(int number) => FirstSource + (number % Sources);

    /// <summary>A UDP datagram without a checksum (RFC 768), so that its ports may be changed in place.</summary>
    private static byte[] Frame(Station from, Station to, int source, int destination, int bytes)
    {
        byte[] datagram = [.. FrameBytes.Of((ushort)source), .. FrameBytes.Of((ushort)destination), .. FrameBytes.Of((ushort)(bytes - 34)), 0, 0, .. new byte[bytes - 42]];
        var packet = new Ipv4Packet(from.Addresses.First(), to.Addresses.First(), IpProtocol.Udp, datagram);
        return EthernetFrame.Of(to.Placed.Interface.Mac, from.Placed.Interface.Mac, EthernetFrame.IPv4, packet.ToBytes());
    }

    /// <summary>Packets that the second workload's link has received.</summary>
    private long Received() => to.Netns.Enter(() => long.Parse(
        File.ReadLines("/proc/thread-self/net/dev").First(l => l.Contains(Station.InnerLink, StringComparison.Ordinal)).Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries)[2], CultureInfo.InvariantCulture));

    private static State StateOf(int rules)
    {
        var text = new StringBuilder("""
            { apiVersion: osc/v1, kind: Host, metadata: { name: h1, tenant: system }, spec: { bridges: [ { name: br0 } ] } }
            ---
            { apiVersion: osc/v1, kind: Network, metadata: { name: net, tenant: t }, spec: { subnets: [ 10.9.0.0/24 ] } }
            ---
            { apiVersion: osc/v1, kind: Workload, metadata: { name: a, tenant: t }, spec: { interfaces: [ { name: eth0, mac: "02:00:00:00:00:01", addresses: [ 10.9.0.1 ], network: net, attachment: { host: h1, port: vif1.0 } } ] } }
            ---
            { apiVersion: osc/v1, kind: Workload, metadata: { name: b, tenant: t }, spec: { interfaces: [ { name: eth0, mac: "02:00:00:00:00:02", addresses: [ 10.9.0.2 ], network: net, attachment: { host: h1, port: vif2.0 } } ] } }
            ---
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: rules, tenant: t }
            spec:
              rules:

            """);
        for (var i = 0; i < rules; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"    - {{ name: r{i}, from: [ 10.9.0.1 ], to: [ 10.9.0.2 ], services: [ udp/{FirstPort + i} ], action: allow }}\n");
        }

        var read = DocumentReader.Read(text.ToString(), "throughput");
        var result = StateValidator.Validate(default, DocumentSet.Of(read.Documents));
        return result.State ?? throw new LabException(string.Join('\n', read.Errors.Concat(result.Errors)));
    }
}
