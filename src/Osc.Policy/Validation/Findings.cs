using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy.Validation;

/// <summary>A word that nothing bears, and the names that may have been meant.</summary>
internal sealed record Misspelt(string Word, Func<IEnumerable<string>> Candidates);

/// <summary>A set of documents under examination, and what was found wrong with it, in any order.</summary>
/// <param name="names">The global names of the set.</param>
internal sealed class Findings(DocumentSet documents, GlobalNames names, DocumentSources sources)
{
    // A suggestion compares with every candidate: a set in which everything is missing must not cost its square.
    private const int MaxSuggestions = 100;

    private readonly List<DocumentError> errors = [];
    private readonly Dictionary<DocumentError, Misspelt> misspelt = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(Kind Kind, Name Home), string[]> nameable = [];

    public DocumentSet Documents => documents;

    public GlobalNames Names => names;

    /// <summary>Whether a document is in the set, or was meant to be and could not be read.</summary>
    public bool Exists(DocumentKey key) => documents.Contains(key) || sources.Unread.Contains(key);

    /// <summary>Whether a tenant, cloud or host of the name is in the set, or was meant to be and could not be read.</summary>
    public bool Exists(Kind kind, Name name) => names.Find(kind, name) is not null || UnreadNames(kind).Contains(name);

    public void Add(Document document, string path, string message, string allowed, Misspelt? word = null)
    {
        var error = new DocumentError(sources.Locate(document.Key, path), document.Key.ToString(), path, message, allowed);
        errors.Add(error);
        if (word is not null)
        {
            misspelt.Add(error, word);
        }
    }

    /// <summary>Where another document stands, for the middle of a sentence: " (shop.yaml:3:1)"; nothing where it came from no text.</summary>
    public string Place(Document document, string path) => sources.Locate(document.Key, path) is { } position ? $" ({position})" : "";

    /// <summary>The tenants, clouds or hosts that there are.</summary>
    public IEnumerable<string> NamesOf(Kind kind) => names.All(kind).Select(d => d.Metadata.Name).Concat(UnreadNames(kind)).Select(n => n.Value);

    /// <summary>What documents of a tenant may name, as they would write it.</summary>
    public IEnumerable<string> NamesFor(Kind kind, Name home)
    {
        if (!nameable.TryGetValue((kind, home), out var found))
        {
            found = [.. documents.Where(d => d.Kind == kind && ReferenceCheck.MayName(home, d)).Take(Suggestion.MaxCandidates).Select(d => d.QualifiedName.ToString(home))];
            nameable.Add((kind, home), found);
        }

        return found;
    }

    /// <summary>What was found, in the order of files and lines, the first of it with what was probably meant.</summary>
    public ValueList<DocumentError> Errors()
    {
        var left = MaxSuggestions;
        return ReadResult.Sorted(errors).Select(Suggested).ToValueList();

        DocumentError Suggested(DocumentError error) => misspelt.TryGetValue(error, out var word) && left-- > 0
            ? error with { Message = error.Message + Suggestion.For(word.Word, word.Candidates()) }
            : error;
    }

    private IEnumerable<Name> UnreadNames(Kind kind) => sources.Unread.Where(k => k.Kind == kind).Select(k => k.Name);
}
