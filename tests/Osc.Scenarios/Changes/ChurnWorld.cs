using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios.Changes;

/// <summary>
/// A set of documents that changes in place, with what is needed to change it at random and keep it sound: documents by kind
/// and tenant, who names a document, which addresses are taken.
/// </summary>
internal sealed class ChurnWorld : INameable
{
    private readonly Dictionary<DocumentKey, HashSet<DocumentKey>> referrers = [];
    private readonly HashSet<(QualifiedName Vrf, IpAddress Address)> taken = [];
    private readonly SortedSet<DocumentKey> touched = [];
    private DocumentSet before = DocumentSet.Empty;
    private int lastNumber;

    public ChurnWorld(DocumentSet documents)
    {
        Documents = documents;
        before = documents;
        foreach (var document in documents)
        {
            Index(document);
        }

        Owners = [.. documents.Where(d => d.Kind is Kind.Workload or Kind.Policy).Select(d => d.Metadata.Tenant).Distinct()];
    }

    public DocumentSet Documents { get; private set; }

    /// <summary>The tenants that have workloads or policies at first.</summary>
    public Name[] Owners { get; }

    public Shelves<WorkloadDocument> Workloads { get; } = new(_ => false);

    public Shelves<NetworkDocument> Networks { get; } = new(_ => false);

    public Shelves<HostDocument> Hosts { get; } = new(_ => false);

    public Shelves<SecurityGroupDocument> Groups { get; } = new(g => g.Shared);

    public Shelves<ServiceDocument> Services { get; } = new(s => s.Shared);

    public Shelves<PolicyDocument> Policies { get; } = new(_ => false);

    public Shelves<InspectionChainDocument> Chains { get; } = new(_ => false);

    IReadOnlyList<InspectionChainDocument> INameable.ChainsFor(Name tenant) => Chains.Of(tenant);

    IReadOnlyList<WorkloadDocument> INameable.WorkloadsOf(Name tenant) => Workloads.Of(tenant);

    IReadOnlyList<NetworkDocument> INameable.NetworksOf(Name tenant) => Networks.Of(tenant);

    IReadOnlyList<SecurityGroupDocument> INameable.GroupsFor(Name tenant) => Groups.For(tenant);

    IReadOnlyList<ServiceDocument> INameable.ServicesFor(Name tenant) => Services.For(tenant);

    /// <summary>A number that no call gave before.</summary>
    public int NextNumber() => ++lastNumber;

    public NetworkDocument NetworkOf(Interface card) =>
        Documents.Find<NetworkDocument>(Kind.Network, card.Network) ?? throw new InvalidOperationException($"there is no network {card.Network}");

    public bool IsFree(QualifiedName vrf, IpAddress address) => !taken.Contains((vrf, address));

    /// <summary>The documents that name a document.</summary>
    public IReadOnlyCollection<DocumentKey> ReferrersOf(DocumentKey key) => referrers.TryGetValue(key, out var found) ? found : [];

    public void Put(Document document)
    {
        // A network's vrf says where its workloads' addresses are taken.
        var inside = document is NetworkDocument ? ReferrersOf(document.Key).Select(Documents.Find).OfType<WorkloadDocument>().ToArray() : [];
        Array.ForEach(inside, Unindex);
        if (Documents.Find(document.Key) is { } old)
        {
            Unindex(old);
        }

        Documents = Documents.With(document);
        Index(document);
        Array.ForEach(inside, Index);
        touched.Add(document.Key);
    }

    /// <param name="key">A document that no other names.</param>
    public void Remove(DocumentKey key)
    {
        Unindex(Documents.Find(key) ?? throw new InvalidOperationException($"there is no {key}"));
        Documents = Documents.Without(key);
        Place(key, null);
        touched.Add(key);
    }

    /// <summary>What was changed since the last call.</summary>
    public DocumentChanges TakeChanges()
    {
        var changes = DocumentChanges.Of(before, touched.Select(Documents.Find).OfType<Document>(), touched.Where(k => !Documents.Contains(k)));
        before = Documents;
        touched.Clear();
        return changes;
    }

    private void Index(Document document)
    {
        Place(document.Key, document);
        foreach (var named in Names.In(document))
        {
            if (!referrers.TryGetValue(named, out var keys))
            {
                referrers.Add(named, keys = []);
            }

            keys.Add(document.Key);
        }

        taken.UnionWith(AddressesOf(document));
    }

    private void Unindex(Document document)
    {
        foreach (var named in Names.In(document))
        {
            referrers[named].Remove(document.Key);
        }

        taken.ExceptWith(AddressesOf(document));
    }

    private IEnumerable<(QualifiedName Vrf, IpAddress Address)> AddressesOf(Document document) => document is WorkloadDocument workload
        ? workload.Interfaces.SelectMany(i => i.Addresses.Select(a => (NetworkOf(i).Vrf, a)))
        : [];

    /// <summary>Puts a document on its shelf, or takes it away.</summary>
    private void Place(DocumentKey key, Document? document)
    {
        switch (key.Kind)
        {
            case Kind.Workload:
                Place(Workloads, key, document as WorkloadDocument);
                break;
            case Kind.Network:
                Place(Networks, key, document as NetworkDocument);
                break;
            case Kind.Host:
                Place(Hosts, key, document as HostDocument);
                break;
            case Kind.SecurityGroup:
                Place(Groups, key, document as SecurityGroupDocument);
                break;
            case Kind.Service:
                Place(Services, key, document as ServiceDocument);
                break;
            case Kind.Policy:
                Place(Policies, key, document as PolicyDocument);
                break;
            case Kind.InspectionChain:
                Place(Chains, key, document as InspectionChainDocument);
                break;
        }
    }

    private static void Place<T>(Shelves<T> shelves, DocumentKey key, T? document)
        where T : Document
    {
        if (document is null)
        {
            shelves.Remove(key);
        }
        else
        {
            shelves.Put(document);
        }
    }
}
