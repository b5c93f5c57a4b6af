using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Incremental;
using Osc.Policy.Validation;
using Osc.Store;
using Osc.Store.Hosts;

namespace Osc.Controller.Loop;

/// <summary>The snapshot of a store, and the hosts that it gives other flows than they had when it was written.</summary>
/// <param name="Engine">Has the snapshot's state worked out, and follows all its hosts.</param>
/// <param name="Redesired">Hosts whose flows are others now, since this controller compiles differently: their rollout begins anew.</param>
public sealed record LoadedSnapshot(Snapshot Snapshot, PolicyEngine Engine, IReadOnlyList<HostDesired> Redesired);

/// <summary>Reads the store at start: all documents, validated, and all hosts, worked out under the numbers they had.</summary>
public static class SnapshotLoader
{
    /// <exception cref="StoreException">The store cannot be read.</exception>
    /// <exception cref="StoredStateException">The stored documents are not valid.</exception>
    public static LoadedSnapshot Load(PolicyStore store)
    {
        var documents = DocumentSet.Of(store.ReadDocuments().Select(StoredDocuments.Parse));
        var result = StateValidator.Validate(store.Current, documents);
        if (result.State is not { } state)
        {
            throw new StoredStateException($"the stored documents are not valid: {string.Join("; ", result.Errors)}");
        }

        var records = store.ReadHosts().ToDictionary(h => h.Host);
        var engine = PolicyEngine.Of(state);
        var hosts = new SortedMapBuilder<Name, HostTarget>();
        var redesired = new List<HostDesired>();
        foreach (var host in state.Hosts.Select(h => h.Metadata.Name))
        {
            var record = records.GetValueOrDefault(host);
            var count = engine.Follow(host, NumberingOf(record));
            if (record is not null && engine.DigestOf(host).ToString() == record.DesiredDigest)
            {
                hosts.Add(host, new(host, record.DesiredRevision, engine.DigestOf(host), count));
                continue;
            }

            // The flows before are not known, so open connections are decided anew.
            var numbering = engine.NumberingOf(host);
            count = engine.Follow(host, numbering with { Epoch = numbering.Epoch.Next() });
            var target = new HostTarget(host, state.Revision, engine.DigestOf(host), count);
            hosts.Add(host, target);
            redesired.Add(ChangeWriter.Desired(target, engine.NumberingOf(host)));
        }

        return new(new(state, hosts.ToMap()), engine, redesired);
    }

    /// <summary>An engine for a snapshot that the store has: for when the one there was cannot be trusted any more.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public static PolicyEngine Rebuild(PolicyStore store, State state)
    {
        var records = store.ReadHosts().ToDictionary(h => h.Host);
        var engine = PolicyEngine.Of(state);
        foreach (var host in state.Hosts.Select(h => h.Metadata.Name))
        {
            engine.Follow(host, NumberingOf(records.GetValueOrDefault(host)));
        }

        return engine;
    }

    private static HostNumbering NumberingOf(HostRecord? record) =>
        record is { Numbering.Length: > 0 } ? HostNumbering.FromJson(record.Numbering) : HostNumbering.Fresh(Random.Shared);
}
