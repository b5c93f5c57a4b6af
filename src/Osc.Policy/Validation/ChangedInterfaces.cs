using Osc.Model.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy.Validation;

/// <summary>
/// Checks the interfaces that changes can have brought into the way of others: those of changed workloads, those in networks whose
/// vrf, segment or subnets changed, and those on hosts whose bridges changed.
/// </summary>
internal sealed class ChangedInterfaces
{
    private readonly StateIndexes after;
    private readonly Findings findings;

    private ChangedInterfaces(StateIndexes after, Findings findings)
    {
        this.after = after;
        this.findings = findings;
    }

    public static void Check(StateIndexes before, StateIndexes after, DocumentChanges changes, Findings findings)
    {
        var own = changes.Select(c => c.After).OfType<WorkloadDocument>().SelectMany(w => w.Interfaces.Select((_, i) => new PlacedCard(w, i))).ToArray();
        var inNetworks = changes.Where(IsMoved).SelectMany(c => after.InterfacesIn(c.Key.QualifiedName)).Select(PlacedCard.Of);
        var onHosts = changes
            .Where(c => c.Key.Kind == Kind.Host).Select(c => c.Key.Name).Distinct()
            .Where(h => !Equals(before.Names.Host(h)?.Bridges, after.Names.Host(h)?.Bridges))
            .SelectMany(after.InterfacesOn).Select(PlacedCard.Of);

        var check = new ChangedInterfaces(after, findings);
        check.CheckMacs(own);
        check.CheckAddresses(own.Concat(inNetworks).Distinct());
        check.CheckPorts(own.Concat(onHosts).Distinct());
        check.CheckSegments(own.Concat(inNetworks).Concat(onHosts).Distinct());
    }

    private static bool IsMoved(DocumentChange change) =>
        change is { Before: NetworkDocument before, After: NetworkDocument after } && (before.Vrf != after.Vrf || before.Segment != after.Segment || !before.Subnets.Equals(after.Subnets));

    private void CheckMacs(IEnumerable<PlacedCard> cards)
    {
        foreach (var key in cards.Select(c => new MacKey(c.Card.Network, c.Card.Mac)).Distinct().Where(k => after.Network(k.Network) is not null))
        {
            var places = after.Interfaces.Macs.From(key).TakeWhile(m => m.Key.IsSameMac(key)).Select(m => new MacPlace(m.Value, m.Key.Interface.Place)).ToArray();
            Array.ForEach(places[1..], place => AddressCheck.ReportMac(findings, place, places[0]));
        }
    }

    private void CheckAddresses(IEnumerable<PlacedCard> cards)
    {
        var keys = new HashSet<AddressKey>();
        foreach (var (workload, place) in cards)
        {
            var card = workload.Interfaces[place];
            if (after.Network(card.Network) is not { } network)
            {
                continue;
            }

            for (var i = 0; i < card.Addresses.Count; i++)
            {
                AddressCheck.CheckPlaceInNetwork(findings, new(workload, place, i), network);
                keys.Add(new(network.Vrf, card.Addresses[i]));
            }
        }

        foreach (var key in keys)
        {
            var places = after.Interfaces.Addresses.From(key).TakeWhile(a => a.Key.IsSameAddress(key))
                .Select(a => new AddressPlace(a.Value, a.Key.Interface.Place, a.Key.Place)).ToArray();
            Array.ForEach(places[1..], place => AddressCheck.ReportAddress(findings, place, places[0], key.Vrf));
        }
    }

    private void CheckPorts(IEnumerable<PlacedCard> cards)
    {
        var keys = new HashSet<PortKey>();
        foreach (var plugged in cards.Select(Plugged).OfType<PluggedInterface>())
        {
            PlacementCheck.CheckBridge(findings, plugged);
            keys.Add(new(plugged.Attachment.Host, plugged.Attachment.Port));
        }

        foreach (var key in keys)
        {
            var all = after.Interfaces.Ports.From(key).TakeWhile(p => p.Key.IsSamePort(key))
                .Select(p => Plugged(new(p.Value, p.Key.Interface.Place))).OfType<PluggedInterface>().ToArray();
            PlacementCheck.CheckUplink(findings, all[0]);
            Array.ForEach(all[1..], plugged => PlacementCheck.ReportPort(findings, plugged, all[0]));
        }
    }

    private void CheckSegments(IEnumerable<PlacedCard> cards)
    {
        var keys = cards.Select(Plugged).OfType<PluggedInterface>()
            .Where(p => p is { Bridge: not null, Network: not null })
            .Select(p => new SegmentKey(p.Attachment.Host, p.Bridge!.Name, p.Network!.Segment, default)) // filtered before
            .Distinct();
        foreach (var key in keys)
        {
            if (after.Interfaces.Segments.From(key).TakeWhile(s => s.Key.IsSameSegment(key)).Take(2).Count() == 2)
            {
                ReportSegment(key);
            }
        }
    }

    /// <summary>Reports all interfaces of a segment that are of another network than the first.</summary>
    private void ReportSegment(SegmentKey key)
    {
        var all = after.InterfacesOn(key.Host).Select(PlacedCard.Of).Select(Plugged).OfType<PluggedInterface>()
            .Where(p => p.Bridge?.Name == key.Bridge && p.Network?.Segment == key.Segment).ToArray();
        Array.ForEach(all[1..], plugged => PlacementCheck.CheckSegment(findings, plugged, all[0]));
    }

    private PluggedInterface? Plugged(PlacedCard card) => PluggedInterface.Of(findings, card.Workload, card.Place);

    /// <summary>An interface by its place in its workload.</summary>
    private readonly record struct PlacedCard(WorkloadDocument Workload, int Place)
    {
        public Interface Card => Workload.Interfaces[Place];

        public static PlacedCard Of((InterfaceKey Key, WorkloadDocument Workload) found) => new(found.Workload, found.Key.Place);

        public bool Equals(PlacedCard other) => ReferenceEquals(Workload, other.Workload) && Place == other.Place;

        public override int GetHashCode() => HashCode.Combine(Workload.QualifiedName, Place);
    }
}
