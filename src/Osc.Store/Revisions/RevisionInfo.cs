using Osc.Model;

namespace Osc.Store.Revisions;

/// <summary>When a revision was made, by whom and why.</summary>
/// <param name="Changes">How many documents it changed.</param>
public sealed record RevisionInfo(Revision Revision, DateTimeOffset Time, string Actor, string Reason, int Changes);

/// <summary>Revisions, newest first.</summary>
/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record RevisionPage(IReadOnlyList<RevisionInfo> Items, Revision? Next);
