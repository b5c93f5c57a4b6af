using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Verify.Proof;

/// <summary>What was found at a bridge so far, each confirmed; not more than some.</summary>
internal sealed class Findings(BridgeSpec bridge, Judge judge)
{
    private const int MaxFaults = 10;
    private const int MaxProbes = 3_000;

    private readonly List<FlowFault> faults = [];
    private readonly HashSet<string> unsettled = [];

    public IReadOnlyList<FlowFault> Faults => faults;

    /// <summary>Looks for a packet that shows what seems to differ.</summary>
    public void Settle(string stage, string what, IEnumerable<Probe> probes)
    {
        if (faults.Count(f => f.Probe is not null) >= MaxFaults)
        {
            return;
        }

        foreach (var probe in probes.Take(MaxProbes))
        {
            var (expected, found) = (judge.Expect(probe), judge.Find(probe));
            if (expected != found)
            {
                faults.Add(new(bridge.Bridge.Name, stage, what, probe, ConnectionOf(probe), expected, found));
                return;
            }
        }

        if (unsettled.Add(stage))
        {
            faults.Add(new(bridge.Bridge.Name, stage, what, null, null, null, null));
        }
    }

    private Connection? ConnectionOf(Probe probe)
    {
        var packet = probe.Open?.First ?? probe.Packet;
        var network = bridge.ByPort.TryGetValue(probe.Port, out var placed) ? placed.Network
            : bridge.Networks.FirstOrDefault(n => n.Segment.Type == SegmentType.Vlan ? packet.Vlan == n.Segment.Id : n.Segment.Type == SegmentType.Vni ? packet.TunnelId == (ulong)n.Segment.Id : packet.Vlan is null);
        return packet.IsIp && network is not null
            ? new(network.Vrf, packet.Source, packet.Destination, packet.Protocol, packet.DestinationPort, packet.IcmpType, packet.IcmpCode, packet.SourcePort)
            : null;
    }
}
