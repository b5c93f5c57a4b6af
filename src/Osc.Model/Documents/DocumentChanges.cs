using System.Collections;

namespace Osc.Model.Documents;

/// <summary>
/// What leads from one set of documents to another: each document that is created, updated or deleted, once, in key order.
/// A document that stays equal is not among them.
/// </summary>
public sealed class DocumentChanges : IReadOnlyList<DocumentChange>
{
    public static readonly DocumentChanges None = new([]);

    private readonly DocumentChange[] changes;

    private DocumentChanges(DocumentChange[] changes) => this.changes = changes;

    public int Count => changes.Length;

    public DocumentChange this[int index] => changes[index];

    /// <summary>What an apply does to a set. Of two documents with the same key the later one counts; one that is put and deleted is deleted.</summary>
    /// <param name="put">Documents that shall be there as they stand here.</param>
    /// <param name="delete">Documents that shall go; those that are not there count nothing.</param>
    public static DocumentChanges Of(DocumentSet before, IEnumerable<Document> put, IEnumerable<DocumentKey> delete)
    {
        var after = new SortedDictionary<DocumentKey, Document?>();
        foreach (var document in put)
        {
            after[document.Key] = document;
        }

        foreach (var key in delete)
        {
            after[key] = null;
        }

        return Of(after.Select(a => new DocumentChange(a.Key, before.Find(a.Key), a.Value)));
    }

    /// <summary>What leads from one set to another, in time linear in their sizes.</summary>
    public static DocumentChanges Between(DocumentSet before, DocumentSet after)
    {
        var gone = before.Where(d => !after.Contains(d.Key)).Select(d => new DocumentChange(d.Key, d, null)).ToArray();
        var stay = after.Select(d => new DocumentChange(d.Key, before.Find(d.Key), d)); // in key order already
        return Of(gone.Length == 0 ? stay : stay.Concat(gone).OrderBy(c => c.Key));
    }

    /// <summary>The changes that take these back.</summary>
    public DocumentChanges Reverse() => new([.. changes.Select(c => c.Reverse())]);

    public IEnumerator<DocumentChange> GetEnumerator() => ((IEnumerable<DocumentChange>)changes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => changes.GetEnumerator();

    private static DocumentChanges Of(IEnumerable<DocumentChange> ordered) => new([.. ordered.Where(c => !Equals(c.Before, c.After))]);
}
