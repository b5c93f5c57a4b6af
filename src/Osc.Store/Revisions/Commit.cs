using Osc.Audit;
using Osc.Model;
using Osc.Store.Access;
using Osc.Store.Emergencies;
using Osc.Store.Hosts;
using Osc.Store.Proposals;

namespace Osc.Store.Revisions;

/// <summary>A change of documents that makes the next revision: all of it or nothing.</summary>
public sealed record Commit
{
    /// <summary>The revision that the change was made from; it is refused if that is no longer the current one.</summary>
    public required Revision Base { get; init; }

    public required Origin Origin { get; init; }

    /// <summary>At least one; at most one for each document.</summary>
    public required IReadOnlyList<DocumentWrite> Changes { get; init; }

    /// <summary>What the hosts that the change concerns shall have; their rollout begins as pending.</summary>
    public IReadOnlyList<HostDesired> Hosts { get; init; } = [];

    /// <summary>Numbers that the flows of hosts carry, where those are others than before; at most one for each host.</summary>
    public IReadOnlyList<NumberingWrite> Numberings { get; init; } = [];

    /// <summary>Changes of numberings from before this revision are needed no more: the hosts' whole numberings are younger.</summary>
    public Revision NumberingsSince { get; init; }

    /// <summary>What the request is answered, if it can be repeated.</summary>
    public StoredAnswer? Answer { get; init; }

    /// <summary>The proposal that the revision is made by, if it is.</summary>
    public AppliedProposal? Proposal { get; init; }

    /// <summary>Policies of the change that are to go again by themselves; null: none.</summary>
    public OpenedEmergencies? Emergencies { get; init; }

    /// <summary>Hosts that are no more: forgotten, with the rollouts that they will not finish.</summary>
    public IReadOnlyList<Name> RemovedHosts { get; init; } = [];
}

/// <summary>What became of a commit.</summary>
public abstract record CommitOutcome
{
    private CommitOutcome()
    {
    }

    /// <summary>It is on disk.</summary>
    public sealed record Committed(Revision Revision, DateTimeOffset Time) : CommitOutcome;

    /// <summary>Someone else was faster; nothing was changed.</summary>
    public sealed record Conflict(Revision Current) : CommitOutcome;
}
