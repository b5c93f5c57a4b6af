using Osc.Audit;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Store;
using Osc.Store.Hosts;
using Osc.Store.Revisions;

namespace Osc.Controller.Loop;

/// <summary>Puts a plan into the store: documents, revision, audit records, desired hosts and their rollout in one transaction.</summary>
public sealed class ChangeWriter(PolicyStore store)
{
    /// <exception cref="StoreException">The disk or the file failed; nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">Someone else wrote to the store.</exception>
    public void Write(Plan plan, Origin origin)
    {
        var outcome = store.Commit(new()
        {
            Base = plan.Before.Revision,
            Origin = origin,
            Changes = [.. plan.Documents.Where(s => s.Kind != StepKind.Unchanged).Select(Change)],
            Hosts = [.. plan.Hosts.Select(h => Desired(h.After, h.Numbering))],
            RemovedHosts = plan.RemovedHosts,
        });
        if (outcome is not CommitOutcome.Committed { Revision: var revision } || revision != plan.After.Revision)
        {
            throw new InvalidOperationException($"the store is not at revision {plan.Before.Revision}, although this is its only writer: {outcome}");
        }
    }

    /// <summary>What the store keeps of a host.</summary>
    /// <param name="numbering">null: what it has already.</param>
    public static HostDesired Desired(HostTarget host, HostNumbering? numbering) =>
        new(host.Host, host.Revision, host.Digest.ToString(), host.Flows, numbering?.ToJson());

    private static DocumentWrite Change(DocumentStep step) => step.After is { } document
        ? DocumentWrite.Put(step.Key, DocumentPrinter.ToJson(document), DocumentHash.Of(document))
        : DocumentWrite.Delete(step.Key);
}
