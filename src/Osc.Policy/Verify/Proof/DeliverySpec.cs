using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>Where a frame of a network shall leave the bridge, tag and tunnel key included; in no order.</summary>
internal sealed record Departure(ValueList<SentFrame> Sent)
{
    public static readonly Departure Nowhere = new(ValueList<SentFrame>.Empty);
}

/// <summary>
/// Delivery: a frame goes to the local interface whose MAC it names, if it carries a packet to an address of that interface; to
/// all of its network, if it may go to many; else, from a workload, off the host.
/// </summary>
internal static class DeliverySpec
{
    private const uint VlanPresent = 0x1000;
    private const ulong ManyBit = 1UL << 40;

    private static readonly Constraint ToManyMacs = Constraint.Of(new(Field.EthDst, ManyBit, ManyBit));

    /// <param name="guarded">Whether the packet must be for the interface; ARP and discovery go by MAC alone.</param>
    public static CubeList<Departure> Of(BridgeSpec bridge, Arrival arrival, PortName? from, bool guarded)
    {
        var network = arrival.Network ?? throw new ArgumentException("what is dropped goes nowhere");
        var entries = new List<(Constraint[], Departure)>();
        var local = bridge.Interfaces.Where(i => i.Network.QualifiedName == network.QualifiedName).ToArray();
        guarded &= !arrival.ToMany;
        foreach (var placed in local)
        {
            var mac = Constraint.Is(Field.EthDst, placed.Interface.Mac.Bits);
            var there = To([BridgeSpec.PortOf(placed)], from);
            if (guarded)
            {
                foreach (var family in BridgeSpec.Receives(placed).GroupBy(a => a.IsIPv4))
                {
                    entries.Add((
                        [
                            mac,
                            Constraint.Is(Field.EthType, family.Key ? 0x0800 : 0x86ddu),
                            Constraint.In(family.Key ? Field.Ipv4Dst : Field.Ipv6Dst, [.. family.Select(a => family.Key ? a.IPv4Bits : a.Bits).Select(b => new Interval<UInt128>(b, b))]),
                        ],
                        there));
                }
            }

            entries.Add(([mac], guarded ? Departure.Nowhere : there));
        }

        var off = arrival.FromLocal ? OffHost(bridge, network) : [];
        var all = To(local.Select(BridgeSpec.PortOf), from);
        entries.Add(([ToManyMacs], guarded ? Departure.Nowhere : new([.. all.Sent, .. off])));
        entries.Add(([], new(off)));
        return new(entries);
    }

    private static Departure To(IEnumerable<PortName> ports, PortName? from) => new([.. ports.Where(p => p != from).Select(p => new SentFrame(p, 0, null, ""))]);

    private static ValueList<SentFrame> OffHost(BridgeSpec bridge, NetworkDocument network) => [.. bridge.Bridge.Uplinks.Select(u => network.Segment.Type switch
    {
        SegmentType.Vlan => new SentFrame(u, VlanPresent | (uint)network.Segment.Id, null, ""),
        SegmentType.Vni => new SentFrame(u, 0, (uint)network.Segment.Id, ""),
        _ => new SentFrame(u, 0, null, ""),
    })];
}
