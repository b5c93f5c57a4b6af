using Osc.Agent;
using Osc.Agent.Desired;
using Osc.Agent.Logging;
using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Lab;
using Osc.Model;
using Osc.Switch;
using Osc.Xen.Vifs;
using Osc.Xen.Xenstore;

namespace Osc.Integration.Xen;

/// <summary>A driver domain without its Xen: a real store, a real switch, the hotplug script, and an agent. The test is toolstack and controller.</summary>
internal sealed class GuestPortLab : IAsyncDisposable
{
    private static readonly Name Host = Name.Parse("dd");
    private static readonly PortName Bridge = PortName.Parse("br0");

    private readonly InMemoryBus bus = new();
    private readonly CancellationTokenSource stop;
    private readonly DesiredStore desired;
    private readonly SwitchClient switchClient;
    private readonly IAsyncEnumerator<AgentMessage> heard;
    private readonly Task running;

    private GuestPortLab(XenLab xen, SwitchInstance openSwitch, CancellationToken cancellation)
    {
        Xen = xen;
        Switch = openSwitch;
        stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var directory = Directory.CreateDirectory(Path.Combine(xen.Space.DirectoryPath, "agent")).FullName;
        desired = DesiredStore.Open(directory, out var error) ?? throw new LabException(error!); // one of both
        switchClient = new(SwitchSockets.In(openSwitch.RunDirectory));
        heard = bus.ReceiveAsync(cancellation).GetAsyncEnumerator(cancellation);

        // The socket that stands for the device is for one client at a time, and the script's tools need it.
        var vifs = new VifWatch(xen.Toolstack, XenstorePath.Parse($"/local/domain/{XenLab.DriverDomain}/backend/vif"));
        running = new AgentService(new(Host, directory), desired, bus.Agent(Host), switchClient, new NoLog(), TimeProvider.System) { Vifs = vifs }.RunAsync(stop.Token);
    }

    public XenLab Xen { get; }

    public SwitchInstance Switch { get; }

    public static async Task<GuestPortLab> StartAsync(CancellationToken cancellation)
    {
        var xen = await XenLab.StartAsync();
        try
        {
            var openSwitch = await SwitchInstance.StartAsync(xen.Space, "sw");
            await openSwitch.AddBridgeAsync(Bridge);
            return new(xen, openSwitch, cancellation);
        }
        catch
        {
            await xen.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gives the agent one flow on the port of each name.</summary>
    public async Task DesireAsync(params string[] ports)
    {
        var flows = ports.Select(p => FlowTextParser.Parse($"cookie=0x{FlowCookie.Owner:x},table=0,priority=7,in_port=\"{p}\",actions=drop"));
        foreach (var chunk in SnapshotWriter.Split(new(Host, new(1), [new(Bridge, FlowSet.Of(flows))]), "u1"))
        {
            await bus.TrySendAsync(new() { Host = Host.Value, Snapshot = chunk }, stop.Token);
        }
    }

    /// <summary>The next report of ports that is as asked for.</summary>
    public async Task<PortReport> PortsAsync(Func<PortReport, bool> which)
    {
        while (await heard.MoveNextAsync())
        {
            if (heard.Current.Ports is { } ports && which(ports))
            {
                return ports;
            }
        }

        throw new InvalidOperationException("the bus ended");
    }

    /// <summary>Makes a guest's interface, as a toolstack does: link, store, then the script.</summary>
    public async Task MakeGuestAsync(VifId id, MacAddress mac)
    {
        await Switch.Netns.IpAsync($"link add {id.PortName} type veth peer name p{id.Domain}.{id.Handle}");
        await Xen.PlugAsync(id, mac);
        await RunScriptAsync("online", id);
    }

    public async Task DestroyGuestAsync(VifId id)
    {
        await RunScriptAsync("offline", id);
        await Switch.Netns.IpAsync($"link del {id.PortName}");
        await Xen.UnplugAsync(id);
    }

    /// <summary>Runs the hotplug script as "xl devd" runs it in the driver domain.</summary>
    public Task RunScriptAsync(string action, VifId id)
    {
        var environment = Xen.Xenstore.ToolEnvironment(XenLab.DriverDomain).Append(new("vif", id.PortName.Value))
            .Append(new("XENBUS_PATH", $"backend/vif/{id}"))
            .Append(new("OVS_RUNDIR", Switch.RunDirectory));
        return Switch.Netns.RunAsync(
            "env", [.. environment.Select(e => $"{e.Key}={e.Value}"), "sh", Path.Combine(AppContext.BaseDirectory, "vif-osc"), action, "type_if=vif"]);
    }

    /// <summary>A key of an interface in the store, as the driver domain sees it.</summary>
    public async Task<string?> ReadAsync(VifId id, string key)
    {
        var toolstack = await Xen.Toolstack.ReadAsync(XenstorePath.Parse($"/local/domain/{XenLab.DriverDomain}/backend/vif/{id}/{key}"));
        return toolstack.Value;
    }

    /// <summary>The flows of ours on the switch, each with the link that it is bound to.</summary>
    public async Task<IEnumerable<string>> BoundLinksAsync() =>
        (await Switch.OfctlAsync("--names", "--no-stats", "dump-flows", Bridge.Value)).Split('\n')
            .Where(l => l.Contains("priority=7", StringComparison.Ordinal))
            .Select(l => l[(l.IndexOf("in_port=", StringComparison.Ordinal) + 8)..].Split([' ', ','])[0].Trim('"'));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        await heard.DisposeAsync();
        await switchClient.DisposeAsync();
        desired.Dispose();
        stop.Dispose();
        await Xen.DisposeAsync();
    }

    private sealed class NoLog : IAgentLog
    {
        public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, object? Value)> fields)
        {
        }
    }
}
