using Osc.Flows;
using Osc.Lab;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.OpenFlow;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;
using Xunit;

namespace Osc.Integration.Switch;

/// <summary>A real switch with bridge br0 and ports p1 to p3, and a client for it.</summary>
internal sealed class LabSwitch : IAsyncDisposable
{
    public static readonly PortName Bridge = PortName.Parse("br0");

    private readonly LabSpace space;

    private LabSwitch(LabSpace space, SwitchInstance instance)
    {
        this.space = space;
        Instance = instance;
        Client = new(SwitchSockets.In(instance.RunDirectory));
    }

    public SwitchInstance Instance { get; }

    public SwitchClient Client { get; }

    public SwitchSockets Sockets => SwitchSockets.In(Instance.RunDirectory);

    public static async Task<LabSwitch> StartAsync(FailMode failMode = FailMode.Secure)
    {
        var space = await LabSpace.ClaimAsync("switch");
        try
        {
            var instance = await SwitchInstance.StartAsync(space, "sw");
            var lab = new LabSwitch(space, instance);
            await instance.AddBridgeAsync(Bridge, failMode);
            foreach (var port in new[] { "p1", "p2", "p3" })
            {
                await lab.AddPortAsync(port);
            }

            return lab;
        }
        catch
        {
            await space.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a port that needs no link behind it.</summary>
    public Task AddPortAsync(string port, int? number = null, string? interfaceId = null) =>
        Instance.VsctlAsync(["add-port", Bridge.Value, port, "--", "set", "interface", port, "type=internal",
            .. number is { } n ? [$"ofport_request={n}"] : Array.Empty<string>(),
            .. interfaceId is { } id ? [$"external_ids:iface-id={id}"] : Array.Empty<string>()]);

    /// <summary>The binding that the database tells of, once it satisfies a condition.</summary>
    public async Task<PortBinding> BindingAsync(Func<SwitchBridge, bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var change in Client.WatchAsync(patience.Token))
        {
            if (change is InventoryKnown known && known.Inventory.Find(Bridge) is { } bridge && condition(bridge))
            {
                return PortBinding.Of(bridge);
            }

            Assert.IsNotType<InventoryLost>(change);
        }

        throw new InvalidOperationException("the inventory ended");
    }

    /// <summary>The binding of br0 and p1 to p3.</summary>
    public Task<PortBinding> BindingAsync() => BindingAsync(b => b.Ports.Count(p => p.OpenFlowPort is not null) >= 4);

    public Task<ReconcileOutcome> ReconcileAsync(FlowSet desired, PortBinding ports) => Client.ReconcileAsync(Bridge, desired, ports, CancellationToken.None);

    /// <summary>The bridge's flows as our decoder reads them.</summary>
    public async Task<FlowSet> DumpAsync(PortBinding ports)
    {
        var names = ports.Numbers.ToDictionary(p => p.Value, p => p.Key);
        var flows = new List<Flow>();
        await using var connection = await OpenFlowConnection.OpenAsync((Sockets, Bridge), SwitchTiming.Default, TimeProvider.System, Announcements.Unheard, CancellationToken.None);
        await FlowDump.RunAsync(connection, (in FlowEntry entry) =>
        {
            var read = FlowDecoder.TryDecode(entry, number => names.TryGetValue(number, out var name) ? name : null, out var flow, out var error);
            Assert.True(read, error);
            flows.Add(flow!);
        }, CancellationToken.None);
        return FlowSet.Of(flows);
    }

    /// <summary>Gives ovs-ofctl a file of flows, with the flags that the agent gives them.</summary>
    public async Task<string> OfctlAsync(string command, FlowSet flows)
    {
        var file = Path.Combine(Instance.DirectoryPath, "flows.txt");
        await File.WriteAllLinesAsync(file, flows.Select(f => FlowCookie.Of(f.Cookie).Counts ? $"send_flow_rem,{f}" : f.ToString()));
        return await Instance.OfctlAsync("-O", "OpenFlow15", "--names", command, Bridge.Value, file);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await space.DisposeAsync();
    }
}
