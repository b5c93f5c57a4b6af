using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Store.Revisions;

namespace Osc.Controller.Loop;

/// <summary>What is in the store cannot be what a controller wrote.</summary>
public sealed class StoredStateException(string message) : Exception(message);

/// <summary>Documents as the store holds them, back to what they mean.</summary>
public static class StoredDocuments
{
    /// <exception cref="StoredStateException">The stored text is no document.</exception>
    public static Document Parse(StoredDocument stored)
    {
        var read = DocumentReader.ReadJson(stored.Json, stored.Key.ToString());
        return read.Errors.Count == 0 && read.Documents.Count == 1
            ? read.Documents[0]
            : throw new StoredStateException($"the stored document {stored.Key} cannot be read: {string.Join("; ", read.Errors)}");
    }
}
