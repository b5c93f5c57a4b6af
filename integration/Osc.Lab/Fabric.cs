using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Lab;

/// <summary>
/// The network between the hosts: a learning switch that carries 802.1Q tags, into which hosts' uplinks are plugged, and a
/// router for each vrf with an address in each of its subnets.
/// </summary>
/// <remarks>
/// The switch is one more Open vSwitch, because its access ports work where the kernel knows no VLAN devices; a router is a
/// namespace with a link into an access port for each network.
/// </remarks>
public sealed class Fabric
{
    private static readonly PortName Bridge = PortName.Parse("fabric");

    private readonly LabSpace space;
    private readonly SwitchInstance center;
    private int links;
    private int routers;

    private Fabric(LabSpace space, SwitchInstance center)
    {
        this.space = space;
        this.center = center;
    }

    public static async Task<Fabric> StartAsync(LabSpace space)
    {
        var center = await SwitchInstance.StartAsync(space, "fabric");
        await center.AddBridgeAsync(Bridge, FailMode.Standalone);
        // What it has learned it knows for as long as a lab lasts: who is quiet for some minutes is not looked for everywhere.
        await center.VsctlAsync("set", "bridge", Bridge.Value, "other_config:mac-aging-time=36000");
        return new(space, center);
    }

    /// <summary>Plugs a link called <paramref name="uplink"/> into a host's bridge and its other end into the fabric, as a trunk of all VLANs or an access port of one.</summary>
    public async Task JoinAsync(SwitchInstance host, PortName bridge, PortName uplink, int? vlan = null)
    {
        var end = NextLink("t");
        await host.Netns.IpAsync(
            $"link add {uplink} type veth peer name {end} netns {center.Netns.Name}",
            $"link set {uplink} up");
        await center.Netns.IpAsync($"link set {end} up");
        await host.AddPortAsync(bridge, uplink.Value);
        await center.AddPortAsync(Bridge, end, vlan);
    }

    /// <summary>Routes networks of one vrf to each other, from <see cref="RouterAddress"/> of each of their subnets.</summary>
    /// <returns>The router's namespace: outsiders can be given an address there.</returns>
    /// <exception cref="LabException">A network's frames are told apart by a tunnel key.</exception>
    public async Task<Netns> RouteAsync(IEnumerable<NetworkDocument> networks)
    {
        var router = await space.AddNamespaceAsync(string.Create(CultureInfo.InvariantCulture, $"router{routers++}"));
        router.Forward();
        foreach (var network in networks)
        {
            if (network.Segment.Type == SegmentType.Vni)
            {
                throw new LabException($"the network {network.QualifiedName} has a vni: the lab's fabric carries VLANs and untagged frames");
            }

            var end = NextLink("r");
            await router.IpAsync(
            [
                $"link add {end} type veth peer name {end} netns {center.Netns.Name}",
                $"link set {end} up",
                .. network.Subnets.Select(s => $"address add {RouterAddress.In(s)}/{s.Length} dev {end}"),
            ]);
            await router.RunAsync("ethtool", "-K", end, "tx", "off");
            await center.Netns.IpAsync($"link set {end} up");
            await center.AddPortAsync(Bridge, end, network.Segment.Type == SegmentType.Vlan ? network.Segment.Id : null);
        }

        return router;
    }

    private string NextLink(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}{links++}");
}
