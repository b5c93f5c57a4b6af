using System.Collections.Concurrent;
using System.Net.NetworkInformation;
using Osc.Lab;
using Osc.Lab.Frames;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;
using Xunit;

namespace Osc.Integration.Attacks;

/// <summary>
/// The three-tier shop on real switches, each workload able to send any frame, and a capture wherever one could come to: at
/// every workload, at the router, and at the attacker's end of the switch, which tells that the frame was sent at all.
/// </summary>
public sealed class AttackLab : IAsyncLifetime
{
    /// <summary>The router, which stands for everything outside.</summary>
    public const string Outside = "router";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, FrameSender> senders = [];
    private readonly Dictionary<string, FrameCapture> captures = [];
    private readonly Dictionary<string, FrameCapture> switchEnds = [];
    private readonly ConcurrentDictionary<Prefix, MacAddress> routers = [];
    private PolicyLab? lab;
    private uint marks;

    public State State { get; } = PolicySet.Read("three-tier-shop").State;

    internal PolicyLab Lab => lab ?? throw new InvalidOperationException("the lab is not built yet");

    public async ValueTask InitializeAsync()
    {
        lab = await PolicyLab.BuildAsync("attack", State);
        foreach (var host in State.Hosts)
        {
            await lab.InstallAsync(HostCompiler.Compile(State, host.Metadata.Name, HostNumbering.Empty).Flows);
        }

        foreach (var station in lab.Stations)
        {
            senders.Add(station.Name, FrameSender.Open(station.Netns, Station.InnerLink));
            captures.Add(station.Name, FrameCapture.Start(station.Netns, Station.InnerLink));
            switchEnds.Add(station.Name, FrameCapture.Start(station.Host.Netns, station.Link));
        }

        var router = lab.Routers.Values.Single(r => LinksOf(r).Count > 0);
        foreach (var (subnet, mac) in LinksOf(router))
        {
            routers[subnet] = mac;
        }

        captures.Add(Outside, FrameCapture.Start(router));

        // The network between the switches learns who is where: it floods frames for those that it has not seen yet.
        foreach (var station in lab.Stations)
        {
            await FenceAsync(station.Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var capture in captures.Values.Concat(switchEnds.Values))
        {
            await capture.DisposeAsync();
        }

        foreach (var sender in senders.Values)
        {
            sender.Dispose();
        }

        await Lab.DisposeAsync();
    }

    /// <summary>The scene as one workload sees it, with a mark of its own.</summary>
    internal AttackScene SceneOf(string workload) => new(
        new(Interlocked.Increment(ref marks)), End(workload), End("shop/legacy-1"), End("shop/web-2"), End("shop/web-1"), End("shop/app-1"), End("shop/db-1"), End("platform/core-1"));

    /// <summary>
    /// Sends what an attack sends, then something permitted to every place, by the same way, and waits until that is there:
    /// a switch keeps the order, so by then whatever passes has come.
    /// </summary>
    /// <returns>How many frames there were, how many of them came to the switch, and the places that any came to.</returns>
    internal async Task<(int Sent, int AtSwitch, IReadOnlyList<string> Places)> SendAsync(Attack attack)
    {
        foreach (var (from, frame) in attack.Before)
        {
            senders[from].Send(frame(SceneOf(from)));
            await FenceAsync(from);
        }

        var scene = SceneOf(attack.From);
        var sent = 0;
        foreach (var frame in attack.Frames(scene))
        {
            senders[attack.From].Send(frame);
            sent++;
        }

        await FenceAsync(attack.From);
        return (sent, switchEnds[attack.From].Count(scene.Mark), [.. captures.Where(c => c.Key != attack.From && c.Value.Count(scene.Mark) > 0).Select(c => c.Key)]);
    }

    internal void Send(string from, ReadOnlySpan<byte> frame) => senders[from].Send(frame);

    /// <summary>Sends an echo request to everyone and waits until it is there; system/infrastructure/workloads-ping-each-other allows it.</summary>
    private async Task FenceAsync(string from)
    {
        foreach (var to in Lab.Stations.Select(s => s.Name).Where(n => n != from).Select(End))
        {
            var scene = SceneOf(from);
            senders[from].Send(scene.To(to, scene.Ip(to, IpFamily.IPv4, IpProtocol.Icmp, Segment.Icmp(scene.Self.V4, to.V4, 8, 0, [0, 7, 0, 7, .. scene.Data]))));
            await captures[to.Name].UntilSeenAsync(scene.Mark, Patience);
            if (to.Subnet != scene.Self.Subnet)
            {
                await captures[Outside].UntilSeenAsync(scene.Mark, Patience);
            }
        }
    }

    /// <summary>Waits until the switch has worked off what a workload sent: an echo request goes through. One that is lost in the workload's own crowd is sent again.</summary>
    internal async Task DrainAsync(string from, string to)
    {
        for (var waited = TimeSpan.Zero; ; waited += Retry)
        {
            var scene = SceneOf(from);
            var end = End(to);
            senders[from].Send(scene.To(end, scene.Ip(end, IpFamily.IPv4, IpProtocol.Icmp, Segment.Icmp(scene.Self.V4, end.V4, 8, 0, [0, 7, 0, 7, .. scene.Data]))));
            try
            {
                await captures[to].UntilSeenAsync(scene.Mark, Retry);
                return;
            }
            catch (TimeoutException) when (waited < Patience)
            {
                continue;
            }
        }
    }

    private AttackEnd End(string name)
    {
        var station = Lab.Stations.Single(s => s.Name == name);
        var v4 = station.Addresses.Single(a => a.IsIPv4);
        var subnet = station.Placed.Network.Subnets.Single(s => s.Contains(v4));
        return new(name, station.Placed.Interface.Mac, v4, station.Addresses.Single(a => !a.IsIPv4), routers[subnet], subnet, station.Placed.Vrf);
    }

    /// <summary>The IPv4 subnets that a router has links in, and its MAC addresses there.</summary>
    private static IReadOnlyList<(Prefix Subnet, MacAddress Mac)> LinksOf(Netns router) => router.Enter(() => (
        from link in NetworkInterface.GetAllNetworkInterfaces()
        where link.NetworkInterfaceType != NetworkInterfaceType.Loopback
        from address in link.GetIPProperties().UnicastAddresses
        where address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
        select (Prefix.Of(IpAddress.Parse(address.Address.ToString()), address.PrefixLength),
            MacAddress.FromBits(Convert.ToUInt64(link.GetPhysicalAddress().ToString(), 16)))).ToArray());
}
