using System.Collections;

namespace Osc.Model.Documents;

/// <summary>An immutable set of documents by key, in key order. Nothing is said about whether their references hold.</summary>
public sealed class DocumentSet : IReadOnlyCollection<Document>
{
    public static readonly DocumentSet Empty = new(SortedMap<DocumentKey, Document>.Empty);

    private readonly SortedMap<DocumentKey, Document> documents;

    private DocumentSet(SortedMap<DocumentKey, Document> documents) => this.documents = documents;

    public int Count => documents.Count;

    /// <summary>The set of these documents; of two with the same key the later one stays.</summary>
    public static DocumentSet Of(IEnumerable<Document> documents)
    {
        var last = new Dictionary<DocumentKey, Document>();
        foreach (var document in documents)
        {
            last[document.Key] = document;
        }

        var builder = new SortedMapBuilder<DocumentKey, Document>();
        foreach (var (key, document) in last)
        {
            builder.Add(key, document);
        }

        return new(builder.ToMap());
    }

    public Document? Find(DocumentKey key) => documents.TryFind(key, out var document) ? document : null;

    public T? Find<T>(Kind kind, QualifiedName name)
        where T : Document => Find(new DocumentKey(name.Tenant, kind, name.Name)) as T;

    public bool Contains(DocumentKey key) => documents.ContainsKey(key);

    /// <summary>The documents from a key on, in key order. A key without a name comes before all of its tenant and kind.</summary>
    public IEnumerable<Document> From(DocumentKey start) => documents.From(start).Select(d => d.Value);

    public DocumentSet With(Document document) => new(documents.With(document.Key, document));

    public DocumentSet With(IEnumerable<Document> changed) => new(changed.Aggregate(documents, (map, document) => map.With(document.Key, document)));

    /// <summary>The set after these changes, whatever it held for their keys before.</summary>
    public DocumentSet With(DocumentChanges changes) =>
        new(changes.Aggregate(documents, (map, change) => change.After is { } document ? map.With(change.Key, document) : map.Without(change.Key)));

    public DocumentSet Without(DocumentKey key) => new(documents.Without(key));

    public IEnumerator<Document> GetEnumerator() => documents.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
