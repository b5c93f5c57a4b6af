using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>
/// What was read: the documents without an error, everything that was wrong, in the order of files and lines, and where each document stands.
/// </summary>
public sealed record ReadResult(ValueList<Document> Documents, ValueList<DocumentError> Errors, DocumentSources Sources)
{
    /// <summary>The results of several files as one. The same document in two files is an error.</summary>
    public static ReadResult Of(IEnumerable<ReadResult> files)
    {
        var results = files.ToArray();
        var documents = new List<Document>();
        var errors = results.SelectMany(r => r.Errors).ToList();
        var sources = new Dictionary<DocumentKey, DocumentSource>();
        foreach (var result in results)
        {
            foreach (var document in result.Documents)
            {
                var source = result.Sources.Find(document.Key) ?? throw new InvalidOperationException($"{document.Key} was read from nowhere");
                if (sources.TryAdd(document.Key, source))
                {
                    documents.Add(document);
                }
                else
                {
                    errors.Add(Duplicate(document.Key, source, sources[document.Key]));
                }
            }
        }

        return new(documents.ToValueList(), Sorted(errors), new(sources, results.SelectMany(r => r.Sources.Unread)));
    }

    internal static DocumentError Duplicate(DocumentKey key, DocumentSource source, DocumentSource first) =>
        new(source.Start, key.ToString(), "", $"the document is there already, at {first.Start}", "each tenant, kind and name once");

    /// <summary>By file, line and column; errors without a position come last.</summary>
    internal static ValueList<DocumentError> Sorted(IEnumerable<DocumentError> errors) => errors
        .OrderBy(e => e.Position is null)
        .ThenBy(e => e.Position?.File, StringComparer.Ordinal)
        .ThenBy(e => e.Position?.Line)
        .ThenBy(e => e.Position?.Column)
        .ThenBy(e => e.Document, StringComparer.Ordinal)
        .ThenBy(e => e.Path, StringComparer.Ordinal)
        .ThenBy(e => e.Message, StringComparer.Ordinal)
        .ToValueList();
}
