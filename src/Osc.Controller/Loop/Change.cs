using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Store.Access;
using Osc.Store.Proposals;

namespace Osc.Controller.Loop;

/// <summary>What someone wants changed: all of it or nothing.</summary>
public sealed record Change
{
    /// <summary>Documents that shall be there as they stand here.</summary>
    public IReadOnlyList<Document> Put { get; init; } = [];

    /// <summary>Where those documents stand in the text that they came from, so that errors can point there.</summary>
    public DocumentSources Sources { get; init; } = DocumentSources.None;

    /// <summary>Documents that shall go.</summary>
    public IReadOnlyList<DocumentKey> Delete { get; init; } = [];

    /// <summary>The revision that it was worked out against, if it is to be made there or nowhere; null: whichever is current.</summary>
    public Revision? Base { get; init; }

    /// <summary>Who stands behind the change beside its author.</summary>
    public Backing Backing { get; init; } = Backing.AuthorAlone;

    /// <summary>What the change is answered if it is made, to be kept with it; null: nothing is kept.</summary>
    public Func<Plan, StoredAnswer>? Answer { get; init; }

    /// <summary>Holds only if the document is as the client knew it; null: whatever it is.</summary>
    public Precondition? Precondition { get; init; }
}

/// <summary>What a client expects of a document before its change (RFC 9110, section 13.1).</summary>
/// <param name="IfMatch">One of these entity tags, or "*" for any; null: no demand.</param>
/// <param name="IfNoneMatch">None of these, or "*" for none at all; null: no demand.</param>
public sealed record Precondition(DocumentKey Key, IReadOnlyList<string>? IfMatch, IReadOnlyList<string>? IfNoneMatch)
{
    /// <param name="hash">The document's hash; null if there is no such document.</param>
    public bool HoldsFor(string? hash) =>
        (IfMatch is null || (hash is not null && (IfMatch.Contains("*") || IfMatch.Contains(hash))))
        && (IfNoneMatch is null || hash is null || !(IfNoneMatch.Contains("*") || IfNoneMatch.Contains(hash)));
}

/// <summary>Who stands behind a change beside its author.</summary>
public abstract record Backing
{
    private Backing()
    {
    }

    /// <summary>Nobody: it is refused where a tenant asks for approvals.</summary>
    public static readonly Backing AuthorAlone = new Nobody();

    /// <summary>The controller itself: what it keeps up to date nobody is asked for.</summary>
    public static readonly Backing Controller = new OfController();

    private sealed record Nobody : Backing;

    private sealed record OfController : Backing;

    /// <summary>Nobody, but it cannot wait: new policies of the emergency tier, which go again by themselves.</summary>
    public sealed record Emergency(DateTimeOffset Expires) : Backing;

    /// <summary>Others have agreed to a proposal.</summary>
    public sealed record Approved(AppliedProposal Proposal) : Backing;
}
