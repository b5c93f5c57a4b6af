using Osc.Audit;
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
            Hosts = [.. plan.Hosts.Select(h => Desired(h.After))],
            RemovedHosts = [.. plan.Before.Hosts.Keys.Where(h => !plan.After.Hosts.ContainsKey(h))],
        });
        if (outcome is not CommitOutcome.Committed { Revision: var revision } || revision != plan.After.Revision)
        {
            throw new InvalidOperationException($"the store is not at revision {plan.Before.Revision}, although this is its only writer: {outcome}");
        }
    }

    /// <summary>What the store keeps of a compiled host.</summary>
    public static HostDesired Desired(Osc.Policy.Compile.CompiledHost host) =>
        new(host.Flows.Host, host.Flows.Revision, host.Flows.Digest.ToString(), host.Flows.Count, host.Numbering.ToJson());

    private static DocumentWrite Change(DocumentStep step) => step.After is { } document
        ? DocumentWrite.Put(step.Key, DocumentPrinter.ToJson(document), DocumentHash.Of(document))
        : DocumentWrite.Delete(step.Key);
}
