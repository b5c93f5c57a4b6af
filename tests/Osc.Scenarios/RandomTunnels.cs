using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios;

/// <summary>Random tunnels between bridges of different hosts. Some lead one way only, as when the other end is not there yet.</summary>
internal sealed class RandomTunnels(Random random)
{
    /// <summary>The host with other tunnels.</summary>
    /// <param name="all">The hosts that they may lead to.</param>
    public HostDocument Change(HostDocument host, IReadOnlyList<HostDocument> all) =>
        host with { Bridges = host.Bridges.Select((b, i) => b with { Tunnels = all.Where(h => h.Metadata.Name != host.Metadata.Name).SelectMany(h => Between(i, h)).ToValueList() }).ToValueList() };

    private IEnumerable<Tunnel> Between(int from, HostDocument host)
    {
        for (var i = 0; i < host.Bridges.Count; i++)
        {
            if (!random.OneIn(4))
            {
                PortName? bridge = i == 0 && random.OneIn(2) ? null : host.Bridges[i].Name;
                yield return new(host.Metadata.Name, bridge, PortName.Parse($"to{from}-{host.Metadata.Name}.{i}"));
            }
        }
    }
}
