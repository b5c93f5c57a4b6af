using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Store.Revisions;

/// <summary>A document as the store holds it.</summary>
/// <param name="Json">Canonical JSON.</param>
/// <param name="Hash">As it was given with the document.</param>
/// <param name="Revision">The revision that made it what it is.</param>
public sealed record StoredDocument(DocumentKey Key, string Json, string Hash, Revision Revision);

/// <summary>A document that has changed since, as it was then.</summary>
/// <param name="Document">null if there was none.</param>
public sealed record DocumentThen(DocumentKey Key, StoredDocument? Document);
