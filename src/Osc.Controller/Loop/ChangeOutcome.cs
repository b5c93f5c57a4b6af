using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Documents;

namespace Osc.Controller.Loop;

/// <summary>What became, or would become, of a change.</summary>
public abstract record ChangeOutcome
{
    private ChangeOutcome()
    {
    }

    /// <summary>It is good; if it was submitted and not only planned, it is on disk.</summary>
    public sealed record Accepted(Plan Plan) : ChangeOutcome;

    /// <summary>The documents as a whole would not be valid, need what is not enforced yet, or break an assertion.</summary>
    public sealed record Invalid(ValueList<DocumentError> Errors) : ChangeOutcome;

    /// <summary>Hosts would get more flows than they may have.</summary>
    /// <param name="Budget">How many a host may have.</param>
    public sealed record OverBudget(IReadOnlyList<HostStep> Hosts, int Budget) : ChangeOutcome;

    /// <summary>The document is not as the client expects it.</summary>
    public sealed record PreconditionFailed(DocumentKey Key, string? Hash) : ChangeOutcome;

    /// <summary>A document that shall go is not there.</summary>
    public sealed record Missing(DocumentKey Key) : ChangeOutcome;

    /// <summary>Tenants ask for more persons to agree to it than do.</summary>
    /// <param name="Approvals">How many.</param>
    public sealed record NeedsApproval(IReadOnlyList<Name> Tenants, int Approvals) : ChangeOutcome;

    /// <summary>There is another revision than the change was worked out against.</summary>
    public sealed record Moved(Revision Current) : ChangeOutcome;

    /// <summary>The store did not take it, or too many changes are waiting; nothing was changed.</summary>
    public sealed record Unavailable(string Reason) : ChangeOutcome;
}

/// <summary>A change worked out against a snapshot.</summary>
/// <param name="After">Equals <paramref name="Before"/> if no document changes: then there is no new revision.</param>
/// <param name="Documents">What happens to each document that the change names, in its order.</param>
/// <param name="Hosts">The hosts whose flows change.</param>
public sealed record Plan(Snapshot Before, Snapshot After, IReadOnlyList<DocumentStep> Documents, IReadOnlyList<HostStep> Hosts)
{
    public bool ChangesNothing => ReferenceEquals(Before, After);

    /// <summary>What leads from the documents before to those after.</summary>
    public DocumentChanges Changes { get; init; } = DocumentChanges.None;

    /// <summary>Hosts whose document goes.</summary>
    public IReadOnlyList<Name> RemovedHosts { get; init; } = [];

    /// <summary>Hosts whose numbers change, also of those that no flow carries yet.</summary>
    public IReadOnlyList<NumberingStep> Numberings { get; init; } = [];
}

/// <summary>What happens to the numbers that a host's flows carry; from none, for a host that is new.</summary>
public sealed record NumberingStep(Name Host, HostNumberingChange Change);

/// <summary>What happens to a document.</summary>
public enum StepKind
{
    Created,
    Updated,
    Unchanged,
    Deleted,
}

public sealed record DocumentStep(DocumentKey Key, StepKind Kind, Document? After);

/// <summary>What happens to a host's flows.</summary>
/// <param name="Before">null: the host is new.</param>
/// <param name="Added">Flows that it gets.</param>
/// <param name="Removed">Flows that it loses; a flow that changes counts in both.</param>
public sealed record HostStep(HostTarget? Before, HostTarget After, int Added, int Removed)
{
    public Name Host => After.Host;

    /// <summary>What leads from the flows before to those after; null where that takes the whole of them, since the host is new or its bridges change.</summary>
    public FlowDelta? Delta { get; init; }
}
