using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;

namespace Osc.Controller.Loop;

/// <summary>Whether enough persons stand behind a change, as the tenants that it concerns ask for it before the change.</summary>
public static class FourEyes
{
    /// <returns>null if they do.</returns>
    public static ChangeOutcome.NeedsApproval? Check(State state, Change change, IReadOnlyList<DocumentStep> steps)
    {
        var given = change.Backing switch
        {
            Backing.Approved approved => approved.Proposal.Approvals.Count,
            Backing.Emergency when steps.All(IsEmergencyPolicy) => TenantDocument.MaxApprovals,
            _ when change.Backing == Backing.Controller => TenantDocument.MaxApprovals,
            _ => 0,
        };
        var asking = ConcernedBy(steps).Where(t => ApprovalsOf(state, t) > given).ToArray();
        return asking.Length == 0 ? null : new(asking, asking.Max(t => ApprovalsOf(state, t)));
    }

    /// <summary>Whether a step adds a policy of the emergency tier where there was none.</summary>
    public static bool IsEmergencyPolicy(DocumentStep step) => step is { Kind: StepKind.Created, After: PolicyDocument { Tier: Tier.Emergency } };

    /// <summary>How many persons have to agree to what a plan does.</summary>
    public static int Asked(State state, IReadOnlyList<DocumentStep> steps) => ConcernedBy(steps).Select(t => ApprovalsOf(state, t)).DefaultIfEmpty().Max();

    /// <summary>The tenants of documents that change; of a Tenant document also the one that it names.</summary>
    private static IEnumerable<Name> ConcernedBy(IReadOnlyList<DocumentStep> steps) => steps
        .Where(s => s.Kind != StepKind.Unchanged)
        .SelectMany(s => s.Key.Kind == Kind.Tenant ? (Name[])[s.Key.Tenant, s.Key.Name] : [s.Key.Tenant])
        .Distinct();

    private static int ApprovalsOf(State state, Name tenant) => state.Tenant(tenant)?.Approvals ?? 0;
}
