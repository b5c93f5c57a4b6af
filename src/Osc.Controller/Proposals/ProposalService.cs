using System.Globalization;
using System.Text.Json;
using Osc.Audit;
using Osc.Controller.Api.Documents;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.History;
using Osc.Controller.Identities;
using Osc.Controller.Loop;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Store;
using Osc.Store.Proposals;

namespace Osc.Controller.Proposals;

/// <summary>What becomes of a change that is proposed.</summary>
public abstract record ProposeOutcome
{
    private ProposeOutcome()
    {
    }

    /// <summary>It waits for others to agree.</summary>
    public sealed record Made(Proposal Proposal) : ProposeOutcome;

    /// <summary>It would be refused if it were made.</summary>
    public sealed record Refused(ChangeOutcome Outcome) : ProposeOutcome;

    /// <summary>All documents are as it wants them: there is nothing to agree to.</summary>
    public sealed record ChangesNothing : ProposeOutcome;

    /// <summary>So many are open already that no other is kept.</summary>
    public sealed record TooManyOpen : ProposeOutcome;
}

/// <summary>What becomes of an approval.</summary>
public abstract record ApprovalOutcome
{
    private ApprovalOutcome()
    {
    }

    /// <summary>It was noted; more persons have to agree.</summary>
    public sealed record Waiting(Proposal Proposal, int Missing) : ApprovalOutcome;

    /// <summary>The change was submitted with all approvals.</summary>
    public sealed record Submitted(ChangeOutcome Outcome) : ApprovalOutcome;

    /// <summary>The change means something else by now than what was proposed; nothing was changed.</summary>
    public sealed record PlanChanged : ApprovalOutcome;

    /// <summary>It is not open any more.</summary>
    public sealed record Closed(ProposalState State) : ApprovalOutcome;

    /// <summary>The proposer, or who has agreed already, or who cannot be told from one of them.</summary>
    public sealed record SamePerson(string Why) : ApprovalOutcome;
}

/// <summary>Keeps changes until others have agreed to them, and then makes exactly those.</summary>
public sealed class ProposalService(PolicyLoop policy, PolicyStore store, Explainers explainers, TimeProvider time) : IDisposable
{
    /// <summary>Others commit in between: after so many times the approver may try again himself.</summary>
    private const int MaxAttempts = 10;

    /// <summary>Approvals one after the other, so that none is lost.</summary>
    private readonly SemaphoreSlim turn = new(1);

    public void Dispose() => turn.Dispose();

    /// <summary>Makes a proposal of a change that is good as things stand.</summary>
    /// <exception cref="StoreException">Nothing was kept.</exception>
    public ProposeOutcome Propose(Change change, CallerIdentity proposer, Origin origin)
    {
        var outcome = policy.Plan(change);
        if (outcome is not ChangeOutcome.Accepted { Plan: var plan })
        {
            return new ProposeOutcome.Refused(outcome);
        }

        if (plan.ChangesNothing)
        {
            return new ProposeOutcome.ChangesNothing();
        }

        var effects = explainers.EffectsOf(plan);
        var answer = ChangeAnswer.Of(plan, dryRun: true, new Confinement(Everything)) with { Effects = effects };
        var put = $"[{string.Join(',', change.Put.Select(DocumentPrinter.ToJson))}]";
        var proposal = new Proposal(
            0, proposer.ActorName, proposer.MadeBy, time.GetUtcNow(), origin.Reason, put, [.. change.Delete.Select(k => k.ToString())],
            JsonSerializer.Serialize(answer, AnswerJson.Types.ChangeAnswer), PlanDigest.Of(plan, effects));
        var tenants = TenantsOf(plan);
        var id = store.Proposals.Add(proposal, id => RecordsOf(AuditAction.ProposalMake, proposal with { Id = id }, tenants, origin));
        return id is { } number ? new ProposeOutcome.Made(proposal with { Id = number }) : new ProposeOutcome.TooManyOpen();
    }

    /// <summary>Agrees to a proposal; with the last approval that is asked for it is made.</summary>
    /// <exception cref="StoreException">Nothing was noted or changed.</exception>
    public async Task<ApprovalOutcome> ApproveAsync(long id, CallerIdentity approver, Origin origin, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            var proposal = store.Proposals.Find(id) ?? throw new ArgumentException("there is no such proposal", nameof(id));
            if (proposal.State != ProposalState.Open)
            {
                return new ApprovalOutcome.Closed(proposal.State);
            }

            return Kinship(proposal, approver) is { } why ? new ApprovalOutcome.SamePerson(why) : await DecideAsync(proposal, approver, origin, cancellation);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Refuses a proposal, or takes it back.</summary>
    /// <returns>Whether it was open.</returns>
    /// <exception cref="StoreException">Nothing was changed.</exception>
    public async Task<bool> RejectAsync(long id, Origin origin, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            if (store.Proposals.Find(id) is not { State: ProposalState.Open } proposal)
            {
                return false;
            }

            store.Proposals.Reject(id, origin.Actor, time.GetUtcNow(), RecordsOf(AuditAction.ProposalReject, proposal, TenantsOf(proposal), origin));
            return true;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The documents that a proposal concerns.</summary>
    public static IEnumerable<DocumentKey> KeysOf(Proposal proposal) => [.. ChangeOf(proposal).Put.Select(d => d.Key), .. ChangeOf(proposal).Delete];

    /// <exception cref="InvalidDataException">What is stored is no change.</exception>
    public static Change ChangeOf(Proposal proposal)
    {
        var read = DocumentReader.ReadJson(proposal.Put, $"proposal {proposal.Id}");
        return read.Errors.Count == 0
            ? new() { Put = read.Documents, Delete = [.. proposal.Removed.Select(KeyOf)] }
            : throw new InvalidDataException($"proposal {proposal.Id} cannot be read: {string.Join("; ", read.Errors)}");
    }

    private static readonly Permissions Everything = new([new Grant(Role.Admin, GrantScope.Everything)]);

    private async Task<ApprovalOutcome> DecideAsync(Proposal proposal, CallerIdentity approver, Origin origin, CancellationToken cancellation)
    {
        string[] approvals = [.. proposal.Approvals, approver.ActorName];
        for (var attempt = 0; ; attempt++)
        {
            var change = ChangeOf(proposal);
            if (policy.Plan(change) is not ChangeOutcome.Accepted { Plan: var plan } || PlanDigest.Of(plan, explainers.EffectsOf(plan)) != proposal.Digest)
            {
                return new ApprovalOutcome.PlanChanged();
            }

            var missing = FourEyes.Asked(plan.Before.State, plan.Documents) - approvals.Length;
            if (missing > 0)
            {
                store.Proposals.SetApprovals(proposal.Id, approvals, RecordsOf(AuditAction.ProposalApprove, proposal, TenantsOf(plan), origin));
                return new ApprovalOutcome.Waiting(proposal with { Approvals = approvals }, missing);
            }

            // Between the look and the commit others may commit: then it is looked at again.
            var outcome = await policy.SubmitAsync(
                change with { Base = plan.Before.Revision, Backing = new Backing.Approved(new(proposal.Id, approvals, approver.ActorName)) },
                origin with { Reason = $"proposal {proposal.Id} by {proposal.Proposer}: {proposal.Reason}" },
                cancellation);
            if (outcome is not ChangeOutcome.Moved || attempt == MaxAttempts)
            {
                return new ApprovalOutcome.Submitted(outcome);
            }
        }
    }

    /// <summary>Two tokens, one of which made the other, are one person as far as anybody can tell.</summary>
    private static string? Kinship(Proposal proposal, CallerIdentity approver) =>
        approver.ActorName == proposal.Proposer ? "who proposes a change does not agree to it"
        : approver.MadeBy.Contains(proposal.Proposer) || proposal.Makers.Contains(approver.ActorName) ? "one of the two tokens was made with the other"
        : proposal.Approvals.Contains(approver.ActorName) ? "who has agreed already counts once"
        : approver.MadeBy.Intersect(proposal.Approvals).Any() ? "one of the approvers' tokens was made with the other"
        : null;

    private static string[] TenantsOf(Plan plan) => [.. plan.Documents.Select(d => d.Key.Tenant.Value).Distinct()];

    private static string[] TenantsOf(Proposal proposal) => [.. KeysOf(proposal).Select(k => k.Tenant.Value).Distinct()];

    /// <summary>One for each tenant that it concerns, so that each one's auditors find it.</summary>
    private IReadOnlyList<AuditRecord> RecordsOf(string action, Proposal proposal, IEnumerable<string> tenants, Origin origin) =>
    [
        .. tenants.Select(tenant => new AuditRecord
        {
            Time = time.GetUtcNow(),
            Actor = origin.Actor,
            Address = origin.Address,
            RequestId = origin.RequestId,
            Reason = origin.Reason,
            Action = action,
            Tenant = tenant,
            Kind = "Proposal",
            Name = proposal.Id.ToString(CultureInfo.InvariantCulture),
            After = $$"""{"digest":"{{proposal.Digest}}","documents":[{{string.Join(',', KeysOf(proposal).Where(k => k.Tenant.Value == tenant).Select(k => $"\"{k}\""))}}]}""",
            Outcome = AuditRecord.Ok,
        }),
    ];

    private static DocumentKey KeyOf(string text) =>
        text.Split('/') is [var tenant, var kind, var name] && Model.Name.TryParse(tenant, out var t) && Enum.TryParse<Kind>(kind, out var k) && Model.Name.TryParse(name, out var n)
            ? new(t, k, n)
            : throw new InvalidDataException($"'{text}' is no document's key");
}
