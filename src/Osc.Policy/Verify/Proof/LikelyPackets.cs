using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Packets that may well make it through a bridge, to begin a search for a counterexample with: from and to those who are here,
/// to services near those that rules name.
/// </summary>
internal sealed class LikelyPackets(BridgeSpec bridge)
{
    private const int MaxEnds = 6;
    private const int MaxServices = 10;
    private const byte EchoRequest = 8;
    private const byte EchoRequestV6 = 128;

    /// <summary>The MAC of a router that is not here.</summary>
    public static readonly MacAddress Router = MacAddress.Parse("02:ff:00:00:00:fe");

    private static readonly IpAddress[] Foreign = [IpAddress.Parse("198.51.100.77"), IpAddress.Parse("2001:db8:ffff::77")];

    /// <summary>An address that nobody has.</summary>
    public static IpAddress Outside(IpFamily family) => Foreign.First(a => a.Family == family);

    private readonly Lazy<(byte Protocol, ushort Number)[]> services = new(() => [.. ServicesOf(bridge).Distinct().Take(MaxServices)]);

    /// <summary>Packets for a port, of one network or of any.</summary>
    public IEnumerable<Packet> At(PortName port, NetworkDocument? network)
    {
        if (bridge.ByPort.TryGetValue(port, out var placed))
        {
            var own = placed.Interface.Addresses.DefaultIfEmpty(IpAddress.FromIPv4(0x0a01_0001)).ToArray();
            return own.SelectMany(source => Ends(placed.Network, source).SelectMany(d => Between(source, d.Address).Select(p => p with { EthSrc = placed.Interface.Mac, EthDst = d.Mac })));
        }

        return bridge.Networks.Where(n => network is null || n.QualifiedName == network.QualifiedName).SelectMany(From);
    }

    /// <summary>Packets that come from outside in a network.</summary>
    private IEnumerable<Packet> From(NetworkDocument network)
    {
        ushort? tag = network.Segment.Type == SegmentType.Vlan ? (ushort)network.Segment.Id : null;
        var tunnel = network.Segment.Type == SegmentType.Vni ? (ulong)network.Segment.Id : 0;
        var far = bridge.Meaning.State.InterfacesIn(network.QualifiedName).SelectMany(i => i.Interface.Addresses).Where(a => !bridge.ByAddress.ContainsKey((network.Vrf, a))).Take(2);
        var near = bridge.Interfaces.Where(i => i.Vrf == network.Vrf).SelectMany(i => i.Interface.Addresses).Take(2);
        return far.Concat(Foreign).Concat(near).SelectMany(source => Ends(network, source).SelectMany(d =>
            Between(source, d.Address).Select(p => p with { EthSrc = Router, EthDst = d.Mac, Vlan = tag, TunnelId = tunnel })));
    }

    private IEnumerable<Packet> Between(IpAddress source, IpAddress destination) => source.Family != destination.Family ? [] : services.Value.Select(s => Of(source, destination, s.Protocol, s.Number));

    public static Packet Of(IpAddress source, IpAddress destination, byte protocol, ushort number) => IpProtocol.HasIcmpType(protocol)
        ? Packet.FirstOf(new(default, source, destination, protocol, 0, (byte)(number >> 8), (byte)number), Router, Router)
        : Packet.FirstOf(new(default, source, destination, protocol, IpProtocol.HasPorts(protocol) ? number : (ushort)0), Router, Router);

    /// <summary>Where packets of a network may go, with the MAC address that they name.</summary>
    private IEnumerable<(IpAddress Address, MacAddress Mac)> Ends(NetworkDocument network, IpAddress source)
    {
        var local = bridge.Interfaces.Where(i => i.Network.QualifiedName == network.QualifiedName)
            .SelectMany(i => i.Interface.Addresses.Where(a => a.Family == source.Family && a != source).Select(a => (a, i.Interface.Mac)));
        var routed = bridge.Interfaces.Where(i => i.Vrf == network.Vrf && i.Network.QualifiedName != network.QualifiedName)
            .SelectMany(i => i.Interface.Addresses.Where(a => a.Family == source.Family && a != source).Select(a => (a, Router)));
        var far = bridge.Meaning.State.InterfacesIn(network.QualifiedName).SelectMany(i => i.Interface.Addresses.Select(a => (a, i.Interface.Mac)))
            .Where(p => p.a.Family == source.Family && !bridge.ByAddress.ContainsKey((network.Vrf, p.a)));
        return local.Take(MaxEnds).Concat(routed.Take(2)).Concat(far.Take(2)).Concat(Foreign.Where(a => a.Family == source.Family).Select(a => (a, Router)));
    }

    private static IEnumerable<(byte Protocol, ushort Number)> ServicesOf(BridgeSpec bridge)
    {
        yield return (IpProtocol.Tcp, 80);
        yield return (IpProtocol.Icmp, EchoRequest << 8);
        yield return (IpProtocol.IcmpV6, EchoRequestV6 << 8);
        foreach (var service in bridge.Interfaces.Select(i => i.Tenant).Append(Tenants.System).Distinct().SelectMany(bridge.Meaning.State.PoliciesOf)
            .SelectMany(p => p.Rules).SelectMany(r => r.Services).SelectMany(bridge.Meaning.State.PortsOf).Distinct().Take(MaxServices))
        {
            var sample = Sets.ServiceSet.Of(service).Sample;
            yield return ((byte)(sample >> 16), (ushort)sample);
        }

        yield return (IpProtocol.Udp, 53);
        yield return (IpProtocol.Sctp, 9);
    }
}
