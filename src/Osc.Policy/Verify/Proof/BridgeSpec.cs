using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Meaning;

namespace Osc.Policy.Verify.Proof;

/// <summary>What documents say about one bridge: who is plugged in where, and which networks are here.</summary>
internal sealed class BridgeSpec
{
    private readonly HostDocument host;

    public BridgeSpec(PolicyMeaning meaning, HostDocument host, Bridge bridge)
    {
        this.host = host;
        Meaning = meaning;
        Bridge = bridge;
        Interfaces = [.. meaning.State.InterfacesOn(host.Metadata.Name).Where(i => (i.Interface.Attachment!.Bridge ?? host.Bridges[0].Name) == bridge.Name)]; // those on a host are attached
        Networks = [.. Interfaces.Select(i => i.Network).DistinctBy(n => n.QualifiedName)];
        ByPort = Interfaces.ToDictionary(PortOf);
        ByAddress = Interfaces.SelectMany(i => i.Interface.Addresses.Select(a => (Key: (i.Vrf, a), Owner: i))).ToDictionary(p => p.Key, p => p.Owner);
    }

    public PolicyMeaning Meaning { get; }

    public Bridge Bridge { get; }

    public IReadOnlyList<PlacedInterface> Interfaces { get; }

    /// <summary>The networks of those interfaces.</summary>
    public IReadOnlyList<NetworkDocument> Networks { get; }

    public IReadOnlyDictionary<PortName, PlacedInterface> ByPort { get; }

    /// <summary>The local interface that has an address: where a side is decided here.</summary>
    public IReadOnlyDictionary<(QualifiedName Vrf, IpAddress Address), PlacedInterface> ByAddress { get; }

    /// <summary>Whether an appliance's port is here.</summary>
    public bool Has(HopPort port) => port.Host == host.Metadata.Name && (port.Bridge is { } named ? named == Bridge.Name : host.Bridges[0].Name == Bridge.Name);

    /// <summary>The port of the tunnel by which an appliance on another bridge is reached; null: there is none, or no way back, or it is here.</summary>
    public PortName? TunnelTo(Hop hop)
    {
        var (ingress, egress) = (BridgeOf(hop.Ingress.Host, hop.Ingress.Bridge), BridgeOf(hop.Egress.Host, hop.Egress.Bridge));
        var tunnels = Bridge.Tunnels.Where(t => t.Host == hop.Ingress.Host && t.Host == hop.Egress.Host && ingress == egress && BridgeOf(t.Host, t.Bridge) == ingress
            && Meaning.State.Host(t.Host)!.Bridges.Any(b => b.Name == ingress && b.Tunnels.Any(r => r.Host == host.Metadata.Name && BridgeOf(r.Host, r.Bridge) == Bridge.Name))); // validated: a tunnel's host is there
        return tunnels.Select(t => (PortName?)t.Port).FirstOrDefault();
    }

    /// <summary>The ends of the appliances here, for other bridges to be lent: those that a port, or a key, tells from every other.</summary>
    public IReadOnlyList<(PortName, PortName)> Lent()
    {
        var ends = Meaning.State.Documents.OfType<InspectionChainDocument>().SelectMany(c => c.Hops).Where(h => Has(h.Ingress) && Has(h.Egress))
            .Select(h => new HashSet<PortName> { h.Ingress.Port, h.Egress.Port }).DistinctBy(e => string.Join(' ', e.Order())).ToArray();
        return [.. ends.Where(e => ends.All(o => e == o || (!e.Overlaps(o) && RelayKey.Of(e.Min(), e.Max()) != RelayKey.Of(o.Min(), o.Max())))).Select(e => (e.Min(), e.Max()))];
    }

    private PortName? BridgeOf(Name of, PortName? bridge) => bridge ?? Meaning.State.Host(of)?.Bridges[0].Name;

    /// <summary>Whether the same interfaces are here in the same networks: then the same may come in and is delivered, and the same sides are here.</summary>
    public bool IsAs(BridgeSpec other) => Bridge == other.Bridge
        && Interfaces.Select(i => (i.Workload.QualifiedName, i.Interface, i.Network)).SequenceEqual(other.Interfaces.Select(i => (i.Workload.QualifiedName, i.Interface, i.Network)))
        && Networks.All(n => Meaning.DirectedBroadcasts(n.Vrf).ToHashSet().SetEquals(other.Meaning.DirectedBroadcasts(n.Vrf)));

    public static PortName PortOf(PlacedInterface placed) => placed.Interface.Attachment?.Port ?? throw new InvalidOperationException($"{placed} is attached nowhere");

    /// <summary>Addresses of its own that an interface may be sent packets to, and its link-local one if it speaks IPv6.</summary>
    public static IEnumerable<IpAddress> Receives(PlacedInterface placed) =>
        Speaks(placed, IpFamily.IPv6) ? placed.Interface.Addresses.Append(placed.Interface.Mac.LinkLocal).Distinct() : placed.Interface.Addresses;

    /// <summary>An interface speaks the families of its addresses, and both as long as it has none.</summary>
    public static bool Speaks(PlacedInterface placed, IpFamily family) => placed.Interface.Addresses.Count == 0 || placed.Interface.Addresses.Any(a => a.Family == family);
}

/// <summary>What shall become of packets that came in, before connection tracking.</summary>
internal enum ArrivalKind
{
    Drop,

    /// <summary>On its way by MAC alone.</summary>
    Forward,

    /// <summary>On its way, if it is for whom it is sent to.</summary>
    Deliver,

    /// <summary>To connection tracking and policy.</summary>
    Track,
}

/// <summary>What shall become of packets that came in.</summary>
/// <param name="Network">The network that they are in; null where they are dropped.</param>
/// <param name="ToMany">They go to many, and may.</param>
/// <param name="ToDhcpClient">They answer a DHCP client, whose side is not asked.</param>
internal sealed record Arrival(ArrivalKind Kind, NetworkDocument? Network, bool FromLocal, bool ToMany = false, bool ToDhcpClient = false)
{
    public static readonly Arrival Dropped = new(ArrivalKind.Drop, null, false);
}
