using Osc.Audit;
using Osc.Model;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Store;
using Osc.Store.Hosts;
using Osc.Store.Revisions;

namespace Osc.Controller.Loop;

/// <summary>Puts a plan into the store: documents, revision, audit records, desired hosts and their rollout in one transaction.</summary>
/// <param name="store">Where it goes.</param>
/// <param name="numberings">How the numbers that flows carry are stored there.</param>
public sealed class ChangeWriter(PolicyStore store, NumberingLog numberings)
{
    /// <param name="numberingOf">The numbers of a host after the plan.</param>
    /// <exception cref="StoreException">The disk or the file failed; nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">Someone else wrote to the store.</exception>
    public void Write(Plan plan, Change change, Origin origin, Func<Name, HostNumbering> numberingOf)
    {
        var numbers = numberings.WritesOf(plan, numberingOf);
        var outcome = store.Commit(new()
        {
            Base = plan.Before.Revision,
            Origin = origin,
            Changes = [.. plan.Documents.Where(s => s.Kind != StepKind.Unchanged).Select(WriteOf)],
            Hosts = [.. plan.Hosts.Select(h => Desired(h.After))],
            Numberings = numbers.Writes,
            NumberingsSince = numbers.Since,
            RemovedHosts = plan.RemovedHosts,
            Answer = change.Answer?.Invoke(plan),
            Emergencies = change.Backing is Backing.Emergency emergency ? new([.. plan.Documents.Select(d => d.Key.QualifiedName)], emergency.Expires) : null,
            Proposal = (change.Backing as Backing.Approved)?.Proposal,
        });
        if (outcome is not CommitOutcome.Committed { Revision: var revision } || revision != plan.After.Revision)
        {
            throw new InvalidOperationException($"the store is not at revision {plan.Before.Revision}, although this is its only writer: {outcome}");
        }

        numberings.Written(numbers, revision, plan.RemovedHosts);
    }

    /// <summary>What the store keeps of a host.</summary>
    public static HostDesired Desired(HostTarget host) => new(host.Host, host.Revision, host.Digest.ToString(), host.Flows);

    private static DocumentWrite WriteOf(DocumentStep step) => step.After is { } document
        ? DocumentWrite.Put(step.Key, DocumentPrinter.ToJson(document), DocumentHash.Of(document))
        : DocumentWrite.Delete(step.Key);
}
