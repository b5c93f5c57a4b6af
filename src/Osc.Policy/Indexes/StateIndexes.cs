using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>
/// Everything that is looked up in a set of documents, valid or not. Persistent: after a change, all but the entries that it
/// concerns are shared with the indexes before.
/// </summary>
internal sealed record StateIndexes(
    DocumentSet Documents,
    GlobalNames Names,
    NetworkIndex Networks,
    InterfaceIndex Interfaces,
    PolicyIndex Policies,
    ReferenceIndex References,
    TenantCountIndex Counts,
    AssertionIndex Assertions)
{
    public static StateIndexes Of(DocumentSet documents)
    {
        var names = GlobalNames.Of(documents);
        return new(
            documents,
            names,
            NetworkIndex.Of(documents),
            InterfaceIndex.Of(documents, names),
            PolicyIndex.Of(documents),
            ReferenceIndex.Of(documents),
            TenantCountIndex.Of(documents),
            AssertionIndex.Of(documents));
    }

    /// <summary>The indexes of the set after changes to this one.</summary>
    public StateIndexes With(DocumentChanges changes)
    {
        var (documents, names) = (Documents.With(changes), Names.With(changes));
        return new(
            documents,
            names,
            Networks.With(changes),
            InterfacesAfter(changes, documents, names),
            Policies.With(changes),
            References.With(changes),
            Counts.With(changes),
            Assertions.With(changes));
    }

    public NetworkDocument? Network(QualifiedName name) => Documents.Find<NetworkDocument>(Kind.Network, name);

    /// <summary>The interfaces in a network of this name, there or not, in MAC order.</summary>
    public IEnumerable<(InterfaceKey Key, WorkloadDocument Workload)> InterfacesIn(QualifiedName network) =>
        Interfaces.Macs.From(new(network, default)).TakeWhile(p => p.Key.Network == network).Select(p => (p.Key.Interface, p.Value));

    /// <summary>The interfaces that are attached to a host of this name, there or not, in document order.</summary>
    public IEnumerable<(InterfaceKey Key, WorkloadDocument Workload)> InterfacesOn(Name host) =>
        Interfaces.Attached.From(new(host, default)).TakeWhile(p => p.Key.Host == host).Select(p => (p.Key.Interface, p.Value));

    /// <summary>Where an interface's keys stand depends on its workload, and on a few fields of its network and its host.</summary>
    private InterfaceIndex InterfacesAfter(DocumentChanges changes, DocumentSet documents, GlobalNames names)
    {
        var moved = new SortedSet<QualifiedName>(changes.Where(c => c.Key.Kind == Kind.Workload).Select(c => c.Key.QualifiedName));
        foreach (var change in changes)
        {
            switch (change.Key.Kind)
            {
                case Kind.Network when !HaveSamePlace(change.Before as NetworkDocument, change.After as NetworkDocument):
                    moved.UnionWith(InterfacesIn(change.Key.QualifiedName).Select(i => i.Key.Workload));
                    break;
                case Kind.Host when !HaveSameBridges(Names.Host(change.Key.Name), names.Host(change.Key.Name)):
                    moved.UnionWith(InterfacesOn(change.Key.Name).Select(i => i.Key.Workload));
                    break;
            }
        }

        var (index, before, after) = (Interfaces, new WorkloadKeys(), new WorkloadKeys());
        foreach (var workload in moved)
        {
            before.Read(Documents.Find<WorkloadDocument>(Kind.Workload, workload), Documents, Names);
            after.Read(documents.Find<WorkloadDocument>(Kind.Workload, workload), documents, names);
            index = index.With(before, after);
        }

        return index;
    }

    private static bool HaveSamePlace(NetworkDocument? before, NetworkDocument? after) => before?.Vrf == after?.Vrf && before?.Segment == after?.Segment;

    private static bool HaveSameBridges(HostDocument? before, HostDocument? after) => Equals(before?.Bridges, after?.Bridges);
}
