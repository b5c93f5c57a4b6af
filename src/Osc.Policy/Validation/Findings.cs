using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;

namespace Osc.Policy.Validation;

/// <summary>A set of documents under examination, and what was found wrong with it.</summary>
internal sealed class Findings(DocumentSet documents, DocumentSources sources)
{
    // A suggestion compares with every candidate: a set in which everything is missing must not cost its square.
    private const int MaxSuggestions = 100;

    private readonly List<DocumentError> errors = [];

    public DocumentSet Documents => documents;

    public IReadOnlyList<DocumentError> Errors => errors;

    /// <summary>Whether a document is in the set, or was meant to be and could not be read.</summary>
    public bool Exists(DocumentKey key) => documents.Contains(key) || sources.Unread.Contains(key);

    /// <summary>Names of documents of a kind that were there and could not be read.</summary>
    public IEnumerable<Name> UnreadNames(Kind kind) => sources.Unread.Where(k => k.Kind == kind).Select(k => k.Name);

    public void Add(Document document, string path, string message, string allowed) =>
        errors.Add(new(sources.Locate(document.Key, path), document.Key.ToString(), path, message, allowed));

    /// <summary>Where another document stands, for the middle of a sentence: " (shop.yaml:3:1)"; nothing where it came from no text.</summary>
    public string Place(Document document, string path) => sources.Locate(document.Key, path) is { } position ? $" ({position})" : "";

    public string Suggest(string word, IEnumerable<string> candidates) => errors.Count < MaxSuggestions ? Suggestion.For(word, candidates) : "";
}
