using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>A name that is unique over all tenants, and the tenant in which its document stands.</summary>
internal readonly record struct GlobalKey(Kind Kind, Name Name, Name Tenant) : IComparable<GlobalKey>
{
    public int CompareTo(GlobalKey other)
    {
        var order = ((int)Kind).CompareTo((int)other.Kind);
        order = order != 0 ? order : Name.CompareTo(other.Name);
        return order != 0 ? order : Tenant.CompareTo(other.Tenant);
    }
}

/// <summary>Tenants, clouds and hosts by name. Of two with one name both are there, in document order.</summary>
internal sealed record GlobalNames(SortedMap<GlobalKey, Document> Documents)
{
    public IEnumerable<HostDocument> Hosts => All(Kind.Host).Cast<HostDocument>();

    public static bool Have(Kind kind) => kind is Kind.Tenant or Kind.Cloud or Kind.Host;

    public static GlobalNames Of(DocumentSet documents)
    {
        var builder = new SortedMapBuilder<GlobalKey, Document>();
        foreach (var document in documents.Where(d => Have(d.Kind)))
        {
            builder.Add(KeyOf(document.Key), document);
        }

        return new(builder.ToMap());
    }

    public GlobalNames With(DocumentChanges changes) => new(changes
        .Where(c => Have(c.Key.Kind))
        .Aggregate(Documents, (map, c) => c.After is { } document ? map.With(KeyOf(c.Key), document) : map.Without(KeyOf(c.Key))));

    public Document? Find(Kind kind, Name name) => Documents.TryFindFrom(new(kind, name, default), out var first) && first.Key.Kind == kind && first.Key.Name == name ? first.Value : null;

    public HostDocument? Host(Name name) => Find(Kind.Host, name) as HostDocument;

    public TenantDocument? Tenant(Name name) => Find(Kind.Tenant, name) as TenantDocument;

    public IEnumerable<Document> All(Kind kind) => Documents.From(new(kind, default, default)).TakeWhile(p => p.Key.Kind == kind).Select(p => p.Value);

    public IEnumerable<Document> All(Kind kind, Name name) => Documents.From(new(kind, name, default)).TakeWhile(p => p.Key.Kind == kind && p.Key.Name == name).Select(p => p.Value);

    private static GlobalKey KeyOf(DocumentKey key) => new(key.Kind, key.Name, key.Tenant);
}
