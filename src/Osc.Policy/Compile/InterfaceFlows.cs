using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>
/// One interface: what may come in from its port, and what is delivered to it. A port that no flow of Ingress names passes nothing.
/// </summary>
internal sealed class InterfaceFlows(IFlowNumbers numbers, FlowBuilder flows)
{
    private const byte RouterSolicitation = 133;
    private const byte NeighbourSolicitation = 135;
    private const byte NeighbourAdvertisement = 136;
    private const byte ArpRequest = 1;

    public void Add(PlacedInterface placed)
    {
        if (placed.Interface.Attachment is { Port: var port })
        {
            AddAdmission(port, placed);
        }

        AddDelivery(placed);
    }

    private void AddAdmission(PortName port, PlacedInterface placed)
    {
        var mac = placed.Interface.Mac;
        flows.Add(
            PipelineTable.Ingress,
            100,
            Match.OnPort(port).With(Field.VlanVid, 0).With(Field.EthSrc, mac.Bits),
            PortCookie,
            [.. Place(placed.Network, numbers), Set(Registers.Flags, Registers.FromLocal), To(PipelineTable.SpoofGuard)]);

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
            // An address probe (RFC 5227) asks from 0.0.0.0.
            AddArp(port, mac, IpAddress.FromIPv4(0), ArpRequest);
        }
        else
        {
            flows.Add(PipelineTable.SpoofGuard, 120, OfDhcpClient(Match.OnPort(port)), PortCookie);
        }

        if (families.Contains(IpFamily.IPv6))
        {
            flows.Add(PipelineTable.SpoofGuard, 110, Match.OnPort(port).From(mac.LinkLocal).Udp(546, 547), PortCookie, To(PipelineTable.Dispatch));
            AddNeighbourDiscovery(port, mac, [.. placed.Interface.Addresses.Where(a => !a.IsIPv4).Append(mac.LinkLocal).Distinct()]);
        }
    }

    /// <summary>What the spoof guard says of all ports alike.</summary>
    public static void AddGuard(FlowBuilder flows)
    {
        // A solicitation of nobody is one that the switch could not read: it names its sender twice (Open vSwitch's flow extraction).
        flows.Add(PipelineTable.SpoofGuard, 130, Ip6.With(Field.IpProto, IpProtocol.IcmpV6).With(Field.Icmpv6Type, NeighbourSolicitation).With(Field.Icmpv6Code, 0).With(Field.NdTarget, 0), PipelineCookie);
        flows.Add(PipelineTable.SpoofGuard, 110, OfDhcpClient(Match.Any), PipelineCookie, To(PipelineTable.Dispatch));
        flows.Add(PipelineTable.SpoofGuard, 0, Match.Any, PipelineCookie);
    }

    /// <summary>A DHCP client that has no address yet: its MAC is the port's own by now, so it is asked of no port apart, save those without IPv4.</summary>
    private static Match OfDhcpClient(Match match) => match.From(IpAddress.FromIPv4(0)).Udp(68, 67);

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

    private void AddDelivery(PlacedInterface placed)
    {
        var toInterface = Match.Any.With(Registers.Network, numbers.OfNetwork(placed.Network.QualifiedName)).With(Field.EthDst, placed.Interface.Mac.Bits);
        IEnumerable<IpAddress> linkLocal = placed.Interface.Families.Contains(IpFamily.IPv6) ? [placed.Interface.Mac.LinkLocal] : [];
        foreach (var address in placed.Interface.Addresses.Concat(linkLocal).Distinct())
        {
            flows.Add(PipelineTable.DeliveryGuard, 200, toInterface.To(address), ForwardCookie, To(PipelineTable.Inspect));
        }

        flows.Add(PipelineTable.DeliveryGuard, 100, toInterface, ForwardCookie);
        if (placed.Interface.Attachment is { Port: var port })
        {
            flows.Add(PipelineTable.Forward, 100, toInterface, ForwardCookie, new Output(port));
        }
    }

    /// <summary>Writes down which network and vrf a packet came in on.</summary>
    public static FlowAction[] Place(NetworkDocument network, IFlowNumbers numbers) =>
        [Set(Registers.Zone, numbers.ZoneOf(network.Vrf)), Set(Registers.Network, numbers.OfNetwork(network.QualifiedName))];
}
