using System.Collections;
using System.Collections.Immutable;

namespace Osc.Model.Documents;

/// <summary>An immutable set of documents by key, in key order. Nothing is said about whether their references hold.</summary>
public sealed class DocumentSet : IReadOnlyCollection<Document>
{
    public static readonly DocumentSet Empty = new(ImmutableSortedDictionary<DocumentKey, Document>.Empty);

    private readonly ImmutableSortedDictionary<DocumentKey, Document> documents;

    private DocumentSet(ImmutableSortedDictionary<DocumentKey, Document> documents) => this.documents = documents;

    public int Count => documents.Count;

    /// <summary>The set of these documents; of two with the same key the later one stays.</summary>
    public static DocumentSet Of(IEnumerable<Document> documents) => Empty.With(documents);

    public Document? Find(DocumentKey key) => documents.GetValueOrDefault(key);

    public T? Find<T>(Kind kind, QualifiedName name)
        where T : Document => documents.GetValueOrDefault(new DocumentKey(name.Tenant, kind, name.Name)) as T;

    public bool Contains(DocumentKey key) => documents.ContainsKey(key);

    public DocumentSet With(Document document) => new(documents.SetItem(document.Key, document));

    public DocumentSet With(IEnumerable<Document> changed)
    {
        var builder = documents.ToBuilder();
        foreach (var document in changed)
        {
            builder[document.Key] = document;
        }

        return new(builder.ToImmutable());
    }

    /// <summary>The set after these changes, whatever it held for their keys before.</summary>
    public DocumentSet With(DocumentChanges changes)
    {
        var builder = documents.ToBuilder();
        foreach (var change in changes)
        {
            if (change.After is { } document)
            {
                builder[change.Key] = document;
            }
            else
            {
                builder.Remove(change.Key);
            }
        }

        return new(builder.ToImmutable());
    }

    public DocumentSet Without(DocumentKey key) => new(documents.Remove(key));

    public IEnumerator<Document> GetEnumerator() => documents.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
