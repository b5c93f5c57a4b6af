using Osc.Model;

namespace Osc.Store.Proposals;

public enum ProposalState
{
    Open,
    Applied,
    Rejected,
}

/// <summary>A change that waits for others to agree to it, or has.</summary>
/// <param name="Id">Counts up from 1; 0 before it is stored.</param>
/// <param name="Makers">Who made the proposer's token, who made that one's, and so on.</param>
/// <param name="Put">Documents that shall be there: canonical JSON, an array.</param>
/// <param name="Removed">Documents that shall go: "tenant/Kind/name".</param>
/// <param name="Plan">What it does, as it is shown: JSON.</param>
/// <param name="Digest">Of what the plan means.</param>
public sealed record Proposal(
    long Id, string Proposer, IReadOnlyList<string> Makers, DateTimeOffset Made, string Reason, string Put, IReadOnlyList<string> Removed, string Plan, string Digest)
{
    public ProposalState State { get; init; }

    /// <summary>Who has agreed.</summary>
    public IReadOnlyList<string> Approvals { get; init; } = [];

    /// <summary>null while it is open.</summary>
    public DateTimeOffset? Closed { get; init; }

    public string ClosedBy { get; init; } = "";

    /// <summary>The revision that it made, if it was applied.</summary>
    public Revision Revision { get; init; }
}

/// <summary>A proposal that becomes a revision.</summary>
/// <param name="Approvals">Everybody who has agreed.</param>
public sealed record AppliedProposal(long Id, IReadOnlyList<string> Approvals, string By);
