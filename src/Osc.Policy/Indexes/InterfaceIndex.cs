using System.Runtime.InteropServices;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>
/// All interfaces, by address, by MAC address, by port and by host, each with its workload; and how many interfaces of a
/// network are on a segment of a bridge. Interfaces that get in each other's way are all there, in document order.
/// </summary>
/// <param name="Addresses">Without interfaces whose network is not there: they are in no vrf.</param>
/// <param name="Segments">Without interfaces whose network, host or bridge is not there.</param>
internal sealed record InterfaceIndex(
    SortedMap<AddressKey, WorkloadDocument> Addresses,
    SortedMap<MacKey, WorkloadDocument> Macs,
    SortedMap<PortKey, WorkloadDocument> Ports,
    SortedMap<AttachedKey, WorkloadDocument> Attached,
    SortedMap<SegmentKey, int> Segments)
{
    public static InterfaceIndex Of(DocumentSet documents, GlobalNames names)
    {
        var (addresses, macs) = (new SortedMapBuilder<AddressKey, WorkloadDocument>(), new SortedMapBuilder<MacKey, WorkloadDocument>());
        var (ports, attached) = (new SortedMapBuilder<PortKey, WorkloadDocument>(), new SortedMapBuilder<AttachedKey, WorkloadDocument>());
        var counts = new Dictionary<SegmentKey, int>();
        var keys = new WorkloadKeys();
        foreach (var workload in documents.OfType<WorkloadDocument>())
        {
            keys.Read(workload, documents, names);
            AddAll(addresses, keys.Addresses, workload);
            AddAll(macs, keys.Macs, workload);
            AddAll(ports, keys.Ports, workload);
            AddAll(attached, keys.Attached, workload);
            keys.Segments.ForEach(k => CollectionsMarshal.GetValueRefOrAddDefault(counts, k, out _)++);
        }

        var segments = new SortedMapBuilder<SegmentKey, int>();
        foreach (var (key, count) in counts)
        {
            segments.Add(key, count);
        }

        return new(addresses.ToMap(), macs.ToMap(), ports.ToMap(), attached.ToMap(), segments.ToMap());
    }

    /// <summary>The index with a workload's interfaces as they are now, in place of what they were.</summary>
    /// <param name="before">What the index has of the workload; empty if it is new.</param>
    /// <param name="after">What it shall have; empty if the workload is gone.</param>
    public InterfaceIndex With(WorkloadKeys before, WorkloadKeys after) => new(
        Exchanged(Addresses, (before.Addresses, before.Workload), (after.Addresses, after.Workload)),
        Exchanged(Macs, (before.Macs, before.Workload), (after.Macs, after.Workload)),
        Exchanged(Ports, (before.Ports, before.Workload), (after.Ports, after.Workload)),
        Exchanged(Attached, (before.Attached, before.Workload), (after.Attached, after.Workload)),
        after.Segments.Aggregate(before.Segments.Aggregate(Segments, Uncounted), Counted));

    private static void AddAll<TKey>(SortedMapBuilder<TKey, WorkloadDocument> builder, List<TKey> keys, WorkloadDocument workload)
        where TKey : IComparable<TKey>
    {
        foreach (var key in keys)
        {
            builder.Add(key, workload);
        }
    }

    private static SortedMap<TKey, WorkloadDocument> Exchanged<TKey>(
        SortedMap<TKey, WorkloadDocument> map, (List<TKey> Keys, WorkloadDocument? Workload) before, (List<TKey> Keys, WorkloadDocument? Workload) after)
        where TKey : IComparable<TKey>
    {
        map = before.Keys.Except(after.Keys).Aggregate(map, (m, key) => m.Without(key));
        var stays = ReferenceEquals(before.Workload, after.Workload);
        return (stays ? after.Keys.Except(before.Keys) : after.Keys).Aggregate(map, (m, key) => m.With(key, after.Workload!)); // there are keys, so there is a workload
    }

    private static SortedMap<SegmentKey, int> Counted(SortedMap<SegmentKey, int> map, SegmentKey key) => map.With(key, map.TryFind(key, out var count) ? count + 1 : 1);

    private static SortedMap<SegmentKey, int> Uncounted(SortedMap<SegmentKey, int> map, SegmentKey key) =>
        map.TryFind(key, out var count) && count > 1 ? map.With(key, count - 1) : map.Without(key);
}

/// <summary>The keys under which a workload's interfaces stand in an <see cref="InterfaceIndex"/>, given the networks and hosts of a set.</summary>
internal sealed class WorkloadKeys
{
    /// <summary>null: there is no such workload, and so there are no keys.</summary>
    public WorkloadDocument? Workload { get; private set; }

    public List<AddressKey> Addresses { get; } = [];

    public List<MacKey> Macs { get; } = [];

    public List<PortKey> Ports { get; } = [];

    public List<AttachedKey> Attached { get; } = [];

    /// <summary>A key as often as the workload has interfaces there.</summary>
    public List<SegmentKey> Segments { get; } = [];

    /// <summary>Takes the keys of this workload in place of those that were here.</summary>
    public void Read(WorkloadDocument? workload, DocumentSet documents, GlobalNames names)
    {
        Workload = workload;
        Addresses.Clear();
        Macs.Clear();
        Ports.Clear();
        Attached.Clear();
        Segments.Clear();
        for (var i = 0; i < workload?.Interfaces.Count; i++)
        {
            Add(new(workload.QualifiedName, i), workload.Interfaces[i], documents, names);
        }
    }

    private void Add(InterfaceKey key, Interface card, DocumentSet documents, GlobalNames names)
    {
        Macs.Add(new(card.Network, card.Mac, key));
        var network = documents.Find<NetworkDocument>(Kind.Network, card.Network);
        for (var i = 0; i < card.Addresses.Count && network is not null; i++)
        {
            Addresses.Add(new(network.Vrf, card.Addresses[i], key, i));
        }

        if (card.Attachment is not { } attachment)
        {
            return;
        }

        Ports.Add(new(attachment.Host, attachment.Port, key));
        Attached.Add(new(attachment.Host, key));
        if (network is not null && names.Host(attachment.Host)?.BridgeOf(attachment) is { } bridge)
        {
            Segments.Add(new(attachment.Host, bridge.Name, network.Segment, network.QualifiedName));
        }
    }
}
