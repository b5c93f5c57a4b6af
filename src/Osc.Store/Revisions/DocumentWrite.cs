using Osc.Model.Documents;

namespace Osc.Store.Revisions;

/// <summary>One document put into the store or taken out of it. What was there before, the store knows.</summary>
public sealed record DocumentWrite
{
    private DocumentWrite(DocumentKey key, string? json, string? hash) => (Key, Json, Hash) = (key, json, hash);

    public DocumentKey Key { get; }

    /// <summary>The document as canonical JSON; null if it goes.</summary>
    public string? Json { get; }

    /// <summary>The document's hash; null if it goes.</summary>
    public string? Hash { get; }

    public static DocumentWrite Put(DocumentKey key, string json, string hash) => new(key, json, hash);

    public static DocumentWrite Delete(DocumentKey key) => new(key, null, null);
}
