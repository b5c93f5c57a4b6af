using System.Collections.Frozen;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>Where documents were read from, and which documents were there but could not be read.</summary>
public sealed class DocumentSources
{
    public static readonly DocumentSources None = new(new Dictionary<DocumentKey, DocumentSource>(), []);

    private readonly FrozenDictionary<DocumentKey, DocumentSource> sources;

    internal DocumentSources(IReadOnlyDictionary<DocumentKey, DocumentSource> sources, IEnumerable<DocumentKey> unread)
    {
        this.sources = sources.ToFrozenDictionary();
        Unread = unread.ToFrozenSet();
    }

    /// <summary>Documents whose key could be read and whose content was refused: a reference to one is not one to nowhere.</summary>
    public IReadOnlySet<DocumentKey> Unread { get; }

    public DocumentSource? Find(DocumentKey key) => sources.GetValueOrDefault(key);

    /// <summary>Where a field of a document stands; null for a document that came from no text.</summary>
    public SourcePosition? Locate(DocumentKey key, string path) => Find(key)?.Locate(path);
}
