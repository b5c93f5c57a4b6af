using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Osc.Model;

namespace Osc.Lab;

/// <summary>
/// A bump in the wire: a process in a namespace of its own that gives back at the one port what it is sent at the other, tags and all,
/// and counts it. It is an Open vSwitch of two ports, with nothing else to it.
/// </summary>
public sealed partial class Appliance
{
    private static readonly PortName Wire = PortName.Parse("wire");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SwitchInstance inside;
    private readonly SwitchInstance host;
    private readonly PortName ingress;

    private Appliance(SwitchInstance inside, SwitchInstance host, PortName ingress)
    {
        this.inside = inside;
        this.host = host;
        this.ingress = ingress;
    }

    /// <summary>Starts one between two new ports of a host's bridge.</summary>
    /// <param name="name">Unique in the lab.</param>
    /// <param name="isWatched">Whether the bridge watches it by BFD through it; then it is seen to be up when this returns.</param>
    public static async Task<Appliance> StartAsync(LabSpace space, string name, SwitchInstance host, PortName bridge, PortName ingress, PortName egress, bool isWatched)
    {
        var inside = await SwitchInstance.StartAsync(space, name);
        await inside.VsctlAsync("set", "Open_vSwitch", ".", "other_config:vlan-limit=2"); // it counts IP under both tags of another host's frames
        await inside.AddBridgeAsync(Wire);
        foreach (var (port, end) in new[] { (ingress, "near"), (egress, "far") })
        {
            await host.Netns.IpAsync($"link add {port} type veth peer name {end} netns {inside.Netns.Name}", $"link set {port} up");
            await inside.Netns.IpAsync($"link set {end} up");
            await inside.AddPortAsync(Wire, end);
            await host.AddPortAsync(bridge, port.Value);
            if (isWatched)
            {
                await host.VsctlAsync("set", "interface", port.Value, "bfd:enable=true", "bfd:min_tx=200", "bfd:min_rx=200");
            }
        }

        var appliance = new Appliance(inside, host, ingress);
        await appliance.ForwardAsync();
        if (isWatched)
        {
            await appliance.SeenAsync(isUp: true);
        }

        return appliance;
    }

    /// <summary>How many IP packets of one family have gone through it, from the ingress to the egress and back.</summary>
    public async Task<(long There, long Back)> CountAsync(IpFamily family)
    {
        var flows = await inside.OfctlAsync("dump-flows", "--names", Wire.Value);
        return (Of("near"), Of("far"));

        long Of(string port) => flows.Split('\n')
            .Where(l => l.Contains($"priority=2,{(family == IpFamily.IPv4 ? "ip" : "ipv6")},in_port={port},", StringComparison.Ordinal))
            .Sum(l => long.Parse(Packets().Match(l).Groups[1].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>Ends its process as a crash would: its links stay up.</summary>
    public Task KillAsync() => inside.KillDaemonAsync();

    /// <summary>Starts it again; returns when the host's switch sees it.</summary>
    public async Task RestartAsync()
    {
        await inside.StartDaemonAsync();
        await ForwardAsync();
        await SeenAsync(isUp: true);
    }

    /// <summary>Waits until the host's switch sees that it is up, or down: BFD tells nobody else.</summary>
    public async Task SeenAsync(bool isUp)
    {
        var waited = Stopwatch.StartNew();
        while ((await host.VsctlAsync("get", "interface", ingress.Value, "bfd_status:state")).Trim('"', '\n') == "up" != isUp)
        {
            if (waited.Elapsed > Patience)
            {
                throw new LabException($"BFD does not see {inside.Name} {(isUp ? "up" : "down")}: {await host.VsctlAsync("get", "interface", ingress.Value, "bfd_status")}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>What is counted has flows of its own; all else, BFD's packets among it, goes through too.</summary>
    private async Task ForwardAsync()
    {
        foreach (var (from, to) in new[] { ("near", "far"), ("far", "near") })
        {
            foreach (var match in new[] { "priority=2,vlan_tci=0x1000/0x1000,ip", "priority=2,vlan_tci=0x1000/0x1000,ipv6", "priority=1" })
            {
                await inside.OfctlAsync("--names", "add-flow", Wire.Value, $"{match},in_port={from},actions=output:{to}");
            }
        }
    }

    [GeneratedRegex("n_packets=([0-9]+)")]
    private static partial Regex Packets();
}
