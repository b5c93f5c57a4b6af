using System.Globalization;
using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;

namespace Osc.Lab;

/// <summary>
/// The inventory of a state, built for real: a switch for each host with its bridges, a namespace for each attached
/// interface, a fabric and routers between them. Bridges start with no flow, so nothing passes until something programs them.
/// </summary>
public sealed class PolicyLab : IAsyncDisposable
{
    private const int MaxLinkName = 15; // IFNAMSIZ less its final zero

    private readonly Dictionary<Name, SwitchInstance> hosts = [];
    private readonly List<Station> stations = [];
    private readonly Dictionary<QualifiedName, Netns> routers = [];

    private PolicyLab(LabSpace space, Fabric fabric)
    {
        Space = space;
        Fabric = fabric;
    }

    public LabSpace Space { get; }

    public Fabric Fabric { get; }

    public IReadOnlyDictionary<Name, SwitchInstance> Hosts => hosts;

    /// <summary>By vrf.</summary>
    public IReadOnlyDictionary<QualifiedName, Netns> Routers => routers;

    /// <summary>One for each interface that is attached, in document order.</summary>
    public IReadOnlyList<Station> Stations => stations;

    /// <param name="family">See <see cref="LabSpace.ClaimAsync"/>.</param>
    /// <exception cref="LabException">The machine lacks something, or the inventory has what the lab cannot build.</exception>
    public static async Task<PolicyLab> BuildAsync(string family, State state)
    {
        var space = await LabSpace.ClaimAsync(family);
        try
        {
            var lab = new PolicyLab(space, await Fabric.StartAsync(space));
            foreach (var host in state.Hosts)
            {
                await lab.AddHostAsync(host);
            }

            await lab.AddTunnelsAsync([.. state.Hosts]);

            foreach (var vrf in state.Vrfs)
            {
                lab.routers[vrf] = await lab.Fabric.RouteAsync(state.Documents.OfType<NetworkDocument>().Where(n => n.Vrf == vrf));
            }

            foreach (var placed in state.Interfaces.Where(i => i.Interface.Attachment is not null))
            {
                await lab.AddStationAsync(state, placed);
            }

            return lab;
        }
        catch
        {
            await space.DisposeAsync();
            throw;
        }
    }

    /// <summary>Programs a host's bridges with ovs-ofctl, each in one bundle: exactly these flows are there afterwards.</summary>
    public async Task InstallAsync(HostFlows flows)
    {
        var host = hosts[flows.Host];
        foreach (var bridge in flows.Bridges)
        {
            var file = Path.Combine(host.DirectoryPath, $"{bridge.Bridge}.flows");
            await File.WriteAllLinesAsync(file, bridge.Flows.Select(FlowText.Print));
            await host.AddMeterAsync(bridge.Bridge);
            await host.OfctlAsync("--names", "--bundle", "replace-flows", bridge.Bridge.Value, file);
        }
    }

    public ValueTask DisposeAsync() => Space.DisposeAsync();

    private async Task AddHostAsync(HostDocument document)
    {
        var host = await SwitchInstance.StartAsync(Space, document.Metadata.Name.Value);
        hosts.Add(document.Metadata.Name, host);
        foreach (var bridge in document.Bridges)
        {
            await host.AddBridgeAsync(bridge.Name);
            foreach (var uplink in bridge.Uplinks)
            {
                await Fabric.JoinAsync(host, bridge.Name, uplink);
            }
        }
    }

    private async Task AddTunnelsAsync(IReadOnlyList<HostDocument> documents)
    {
        if (documents.All(h => h.Bridges.All(b => b.Tunnels.Count == 0)))
        {
            return;
        }

        var underlay = new Underlay(Fabric);
        foreach (var (name, host) in hosts)
        {
            await underlay.JoinAsync(name, host);
        }

        foreach (var document in documents)
        {
            foreach (var (bridge, tunnel) in document.Bridges.SelectMany(b => b.Tunnels.Select(t => (b, t))))
            {
                await underlay.AddTunnelAsync(hosts[document.Metadata.Name], bridge.Name, tunnel);
            }
        }
    }

    private async Task AddStationAsync(State state, PlacedInterface placed)
    {
        var attachment = placed.Interface.Attachment ?? throw new ArgumentException($"{placed} is not attached", nameof(placed));
        var document = state.Host(attachment.Host) ?? throw new LabException($"{placed} is attached to {attachment.Host}, which is no host");
        var host = hosts[attachment.Host];
        var bridge = attachment.Bridge ?? document.Bridges[0].Name;
        var number = stations.Count;
        var netns = await Space.AddNamespaceAsync(string.Create(CultureInfo.InvariantCulture, $"w{number}"));

        // A name that is no link name is the port's iface-id, as virtual machines' ports have it.
        var isLinkName = attachment.Port.Value.Length <= MaxLinkName && !attachment.Port.Value.Contains('/');
        var link = isLinkName ? attachment.Port.Value : string.Create(CultureInfo.InvariantCulture, $"w{number}");

        await host.Netns.IpAsync(
            $"link add {link} type veth peer name {Station.InnerLink} address {placed.Interface.Mac} netns {netns.Name}",
            $"link set {link} up");
        await netns.RunAsync("ethtool", "-K", Station.InnerLink, "tx", "off"); // The userspace datapath sees checksums as they are sent.
        await netns.IpAsync([$"link set {Station.InnerLink} up", .. Addresses(placed)]);
        await host.AddPortAsync(bridge, link, interfaceId: isLinkName ? null : attachment.Port.Value);
        stations.Add(new(placed, netns, host, bridge, link));
    }

    /// <summary>Lines of ip(8) that give an interface its addresses, and the way out of its subnets.</summary>
    private static IEnumerable<string> Addresses(PlacedInterface placed)
    {
        var routed = new HashSet<IpFamily>();
        foreach (var address in placed.Interface.Addresses)
        {
            var subnet = placed.Network.Subnets.Where(s => s.Contains(address)).Cast<Prefix?>().FirstOrDefault()
                ?? throw new LabException($"{placed} has the address {address}, which is in no subnet of {placed.Network.QualifiedName}");
            var router = RouterAddress.In(subnet);
            if (router == address)
            {
                throw new LabException($"{placed} owns {address}, which is the lab's router");
            }

            yield return $"address add {address}/{subnet.Length} dev {Station.InnerLink}";
            if (routed.Add(address.Family))
            {
                yield return $"route add default via {router} dev {Station.InnerLink}";
            }
        }
    }
}
