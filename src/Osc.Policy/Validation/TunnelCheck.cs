using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Validation;

/// <summary>Checks where a host's tunnels lead: to bridges that are there, one to each.</summary>
internal static class TunnelCheck
{
    public static void Check(Findings findings, HostDocument host)
    {
        for (var i = 0; i < host.Bridges.Count; i++)
        {
            var reached = new HashSet<(Name Host, PortName Bridge)>();
            for (var j = 0; j < host.Bridges[i].Tunnels.Count; j++)
            {
                Check(findings, host, $"spec.bridges[{i}].tunnels[{j}]", host.Bridges[i].Tunnels[j], reached);
            }
        }
    }

    private static void Check(Findings findings, HostDocument host, string path, Tunnel tunnel, HashSet<(Name Host, PortName Bridge)> reached)
    {
        if (tunnel.Host == host.Metadata.Name)
        {
            findings.Add(host, path + ".host", "a tunnel to the host itself", "the name of another Host");
        }
        else if (findings.Names.Host(tunnel.Host) is { Bridges.Count: > 0 } other)
        {
            var bridges = other.Bridges.Select(b => b.Name.Value).ToArray();
            var bridge = tunnel.Bridge ?? other.Bridges[0].Name;
            if (!bridges.Contains(bridge.Value))
            {
                findings.Add(host, path + ".bridge", $"host {tunnel.Host} has no bridge {bridge}", string.Join(", ", bridges), new(bridge.Value, () => bridges));
            }
            else if (!reached.Add((tunnel.Host, bridge)))
            {
                findings.Add(host, path, $"another tunnel leads to {bridge} of host {tunnel.Host} already", "one from a bridge to another");
            }
        }
    }
}
