using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Lab;

/// <summary>The hosts' own network, which their tunnels go through: each has an address there, on a bridge that is nobody else's.</summary>
internal sealed class Underlay(Fabric fabric)
{
    private const int Vlan = 4_000;
    private const int Port = 6_082;
    private static readonly PortName Bridge = PortName.Parse("under");

    private readonly Dictionary<Name, int> numbers = [];

    /// <summary>Gives a host its address.</summary>
    public async Task JoinAsync(Name name, SwitchInstance host)
    {
        numbers.Add(name, numbers.Count + 1);
        await host.AddBridgeAsync(Bridge, FailMode.Standalone);
        await fabric.JoinAsync(host, Bridge, PortName.Parse("underlink"), Vlan);
        await host.Netns.IpAsync($"address add {AddressOf(name)}/24 dev {Bridge}", $"link set {Bridge} up");
    }

    /// <summary>Adds a host's end of a tunnel. BFD watches it.</summary>
    public Task AddTunnelAsync(SwitchInstance host, PortName bridge, Tunnel tunnel) => host.VsctlAsync(
        "add-port", bridge.Value, tunnel.Port.Value,
        "--", "set", "interface", tunnel.Port.Value, "type=geneve", $"options:remote_ip={AddressOf(tunnel.Host)}", "options:key=flow", string.Create(CultureInfo.InvariantCulture, $"options:dst_port={Port}"),
        "bfd:enable=true", "bfd:min_tx=200", "bfd:min_rx=200");

    private string AddressOf(Name host) => string.Create(CultureInfo.InvariantCulture, $"172.31.0.{numbers[host]}");
}
