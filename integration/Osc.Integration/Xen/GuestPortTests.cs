using System.Diagnostics;
using Osc.Lab;
using Osc.Model;
using Osc.Xen.Vifs;
using Xunit;

namespace Osc.Integration.Xen;

/// <summary>Guests come and go in a driver domain: toolstack, Xen's store, hotplug script, switch and agent, all real but Xen itself.</summary>
public sealed class GuestPortTests
{
    private const int TimeoutMilliseconds = 120_000;
    private const string Mac = "00:16:3e:00:00:09";

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_guest_is_bound_by_its_address_however_often_it_is_made_anew()
    {
        await using var lab = await GuestPortLab.StartAsync(cancellation);
        await lab.DesireAsync(Mac);
        await lab.PortsAsync(p => p.UnboundPorts is [Mac]);
        foreach (var domain in new ushort[] { 9, 10, 11 })
        {
            var id = new VifId(domain, 0);
            await lab.MakeGuestAsync(id, MacAddress.Parse(Mac));
            var ready = Stopwatch.StartNew();
            var report = await lab.PortsAsync(p => p.UnboundPorts is []);
            TestContext.Current.SendDiagnosticMessage($"{id.PortName} bound {ready.Elapsed.TotalMilliseconds:0.0} ms after its script ended");
            Assert.Equal([id.PortName.Value], await lab.BoundLinksAsync());
            Assert.Equal("connected", await lab.ReadAsync(id, "hotplug-status"));
            var port = report.Bridges.Single().Ports.Single(p => p.Name == id.PortName.Value);
            Assert.Equal((Mac, domain, 0, Mac), (port.AttachedMac, port.Vif?.Domain, port.Vif?.Handle, port.Vif?.Mac));

            await lab.DestroyGuestAsync(id);
            await lab.PortsAsync(p => p.UnboundPorts is [Mac]);
            Assert.Empty(await lab.BoundLinksAsync());
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_guest_whose_end_nobody_tidied_up_does_not_stand_in_the_way()
    {
        await using var lab = await GuestPortLab.StartAsync(cancellation);
        await lab.DesireAsync(Mac);
        await lab.MakeGuestAsync(new(9, 0), MacAddress.Parse(Mac));
        await lab.PortsAsync(p => p.UnboundPorts is [] && p.Bridges.Single().Ports.Any(i => i.Name == "vif9.0"));
        await lab.Switch.Netns.IpAsync("link del vif9.0");
        await lab.Xen.UnplugAsync(new(9, 0));
        await lab.MakeGuestAsync(new(12, 0), MacAddress.Parse(Mac));
        await lab.PortsAsync(p => p is { UnboundPorts: [], Warnings: [] } && p.Bridges.Single().Ports.Any(i => i is { Name: "vif12.0", OpenFlowPort: not null }));
        Assert.Equal(["vif12.0"], await lab.BoundLinksAsync());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Two_guests_with_one_address_are_an_alarm_and_neither_is_bound()
    {
        await using var lab = await GuestPortLab.StartAsync(cancellation);
        await lab.DesireAsync(Mac);
        await lab.MakeGuestAsync(new(9, 0), MacAddress.Parse(Mac));
        await lab.PortsAsync(p => p.UnboundPorts is [] && p.Bridges.Single().Ports.Any(i => i.Name == "vif9.0"));
        await lab.MakeGuestAsync(new(10, 0), MacAddress.Parse(Mac));
        var report = await lab.PortsAsync(p => p.Warnings.Count > 0);
        Assert.Equal([$"bridge br0: the ports vif10.0, vif9.0 all claim the name {Mac}; it is bound to none of them"], report.Warnings);
        Assert.Equal([Mac], report.UnboundPorts);
        Assert.Empty(await lab.BoundLinksAsync());

        await lab.DestroyGuestAsync(new(10, 0));
        await lab.PortsAsync(p => p is { UnboundPorts: [], Warnings: [] });
        Assert.Equal(["vif9.0"], await lab.BoundLinksAsync());
    }

    /// <summary>A driver domain may be so busy that its switch takes longer to plug a port than libxl lets a script live.</summary>
    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_guest_that_comes_while_the_switch_does_not_answer_is_plugged_when_it_does()
    {
        await using var lab = await GuestPortLab.StartAsync(cancellation);
        await lab.DesireAsync(Mac);
        await lab.PortsAsync(p => p.UnboundPorts is [Mac]);
        await lab.Switch.KillDaemonAsync();
        var id = new VifId(9, 0);
        await lab.MakeGuestAsync(id, MacAddress.Parse(Mac));
        Assert.Equal("connected", await lab.ReadAsync(id, "hotplug-status"));
        await lab.Switch.StartDaemonAsync();
        await lab.PortsAsync(p => p is { UnboundPorts: [] } && p.Bridges.Single().Ports.Any(i => i is { Name: "vif9.0", OpenFlowPort: not null }));
        Assert.Equal(["vif9.0"], await lab.BoundLinksAsync());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task The_script_tells_the_toolstack_why_it_failed()
    {
        await using var lab = await GuestPortLab.StartAsync(cancellation);
        var id = new VifId(9, 0);
        await lab.Xen.PlugAsync(id, MacAddress.Parse(Mac), ("bridge", "br7"));
        await Assert.ThrowsAsync<LabException>(() => lab.RunScriptAsync("online", id));
        Assert.Equal("error", await lab.ReadAsync(id, "hotplug-status"));
        Assert.Equal("ovs-vsctl: no bridge named br7", await lab.ReadAsync(id, "hotplug-error"));
    }
}
