using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>Ingress and SpoofGuard: who may send what into the bridge. A port that no flow here names passes nothing.</summary>
internal sealed class PortFlows(BridgeView view, IFlowNumbers numbers, FlowBuilder flows)
{
    private const byte RouterSolicitation = 133;
    private const byte NeighbourSolicitation = 135;
    private const byte NeighbourAdvertisement = 136;
    private const byte ArpRequest = 1;

    /// <summary>What does not belong to one interface.</summary>
    public void Add()
    {
        foreach (var uplink in view.Bridge.Uplinks)
        {
            foreach (var network in view.Networks)
            {
                AddUplink(uplink, network);
            }
        }

        flows.Add(PipelineTable.Ingress, 0, Match.Any, PipelineCookie);
        flows.Add(PipelineTable.SpoofGuard, 0, Match.Any, PipelineCookie);
    }

    /// <summary>One interface's; none as long as it is plugged in nowhere.</summary>
    public void Add(PlacedInterface placed)
    {
        if (placed.Interface.Attachment is not { Port: var port })
        {
            return;
        }

        var mac = placed.Interface.Mac;
        flows.Add(
            PipelineTable.Ingress,
            100,
            Match.OnPort(port).With(Field.VlanVid, 0).With(Field.EthSrc, mac.Bits),
            PortCookie,
            [.. Place(placed.Network), Set(Registers.Flags, Registers.FromLocal), To(PipelineTable.SpoofGuard)]);

        foreach (var address in placed.Interface.Addresses)
        {
            flows.Add(PipelineTable.SpoofGuard, 100, Match.OnPort(port).From(address), PortCookie, To(PipelineTable.Dispatch));
            if (address.IsIPv4)
            {
                AddArp(port, mac, address, null);
            }
        }

        // An interface without addresses may yet be given ones of either family; one with addresses speaks the families it has.
        var families = placed.Interface.Families;
        if (families.Contains(IpFamily.IPv4))
        {
            // An address probe (RFC 5227) asks from 0.0.0.0, and so does a DHCP client without an address.
            AddArp(port, mac, IpAddress.FromIPv4(0), ArpRequest);
            flows.Add(PipelineTable.SpoofGuard, 110, Match.OnPort(port).From(IpAddress.FromIPv4(0)).Udp(68, 67), PortCookie, To(PipelineTable.Dispatch));
        }

        if (families.Contains(IpFamily.IPv6))
        {
            flows.Add(PipelineTable.SpoofGuard, 110, Match.OnPort(port).From(mac.LinkLocal).Udp(546, 547), PortCookie, To(PipelineTable.Dispatch));
            AddNeighbourDiscovery(port, mac, [.. placed.Interface.Addresses.Where(a => !a.IsIPv4).Append(mac.LinkLocal).Distinct()]);
        }
    }

    private void AddArp(PortName port, MacAddress mac, IpAddress sender, byte? operation)
    {
        var match = Match.OnPort(port).With(Field.EthType, Arp).With(Field.ArpSpa, sender.IPv4Bits).With(Field.ArpSha, mac.Bits);
        match = operation is { } op ? match.With(Field.ArpOp, op) : match;
        flows.Add(PipelineTable.SpoofGuard, 100, match, PortCookie, To(PipelineTable.Forward));
    }

    /// <summary>
    /// Solicitations from own addresses and naming the own MAC, duplicate address detection from "::" for own addresses,
    /// advertisements of own addresses, router solicitations. A unicast question or answer may leave its MAC out (RFC 4861, 4.3 and 4.4).
    /// </summary>
    private void AddNeighbourDiscovery(PortName port, MacAddress mac, IReadOnlyList<IpAddress> addresses)
    {
        var onPort = Match.OnPort(port);
        var unspecified = IpAddress.FromBits(0);
        foreach (var address in addresses)
        {
            Allow(onPort.NeighbourDiscovery(NeighbourSolicitation).With(Field.Ipv6Src, address.Bits).With(Field.NdSll, mac.Bits));
            Allow(onPort.NeighbourDiscovery(NeighbourSolicitation).With(Field.Ipv6Src, address.Bits).With(Field.NdSll, 0));
            Allow(onPort.NeighbourDiscovery(NeighbourSolicitation).With(Field.Ipv6Src, unspecified.Bits).With(Field.NdTarget, address.Bits));
            Allow(onPort.NeighbourDiscovery(NeighbourAdvertisement).With(Field.NdTarget, address.Bits).With(Field.NdTll, mac.Bits));
            Allow(onPort.NeighbourDiscovery(NeighbourAdvertisement).With(Field.NdTarget, address.Bits).With(Field.NdTll, 0));
            Allow(onPort.NeighbourDiscovery(RouterSolicitation).With(Field.Ipv6Src, address.Bits));
        }

        Allow(onPort.NeighbourDiscovery(RouterSolicitation).With(Field.Ipv6Src, unspecified.Bits));

        void Allow(Match match) => flows.Add(PipelineTable.SpoofGuard, 120, match, PortCookie, To(PipelineTable.Forward));
    }

    private void AddUplink(PortName uplink, NetworkDocument network)
    {
        var match = Match.OnPort(uplink);
        FlowAction[] arrive = [.. Place(network), To(PipelineTable.Dispatch)];
        switch (network.Segment.Type)
        {
            case SegmentType.Vlan:
                flows.Add(PipelineTable.Ingress, 100, match.With(Field.VlanVid, (uint)(VlanPresent | network.Segment.Id)), PortCookie, [new PopVlan(), .. arrive]);
                break;
            case SegmentType.Vni:
                flows.Add(PipelineTable.Ingress, 100, match.With(Field.VlanVid, 0).With(Field.TunnelId, (uint)network.Segment.Id), PortCookie, arrive);
                break;
            default:
                flows.Add(PipelineTable.Ingress, 90, match.With(Field.VlanVid, 0), PortCookie, arrive);
                break;
        }
    }

    private FlowAction[] Place(NetworkDocument network) =>
        [Set(Registers.Zone, numbers.ZoneOf(network.Vrf)), Set(Registers.Network, numbers.OfNetwork(network.QualifiedName))];
}
