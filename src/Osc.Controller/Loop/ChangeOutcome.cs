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

    /// <summary>The documents as a whole would not be valid, or need what is not enforced yet.</summary>
    public sealed record Invalid(ValueList<DocumentError> Errors) : ChangeOutcome;

    /// <summary>The document is not as the client expects it.</summary>
    public sealed record PreconditionFailed(DocumentKey Key, string? Hash) : ChangeOutcome;

    /// <summary>A document that shall go is not there.</summary>
    public sealed record Missing(DocumentKey Key) : ChangeOutcome;

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
}

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
public sealed record HostStep(CompiledHost After, int Added, int Removed);
