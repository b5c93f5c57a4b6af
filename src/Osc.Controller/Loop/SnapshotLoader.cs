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
/// <param name="Renumbered">Their numbers, and those of hosts whose flows are as they were, but not the numbers that no flow carries.</param>
/// <param name="Numberings">How the numbers are stored, once these are.</param>
public sealed record LoadedSnapshot(Snapshot Snapshot, PolicyEngine Engine, IReadOnlyList<HostDesired> Redesired, IReadOnlyList<NumberingWrite> Renumbered, NumberingLog Numberings);

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
        var stored = store.ReadNumberings();
        var numberings = stored.ToDictionary(n => n.Host);
        var engine = PolicyEngine.Of(state);
        var hosts = new SortedMapBuilder<Name, HostTarget>();
        var redesired = new List<HostDesired>();
        var renumbered = new List<NumberingWrite>();
        foreach (var host in state.Hosts.Select(h => h.Metadata.Name))
        {
            var record = records.GetValueOrDefault(host);
            var before = NumberingOf(numberings.GetValueOrDefault(host));
            var count = engine.Follow(host, before);
            if (record is not null && engine.DigestOf(host).ToString() == record.DesiredDigest)
            {
                hosts.Add(host, new(host, record.DesiredRevision, engine.DigestOf(host), count));
                if (!HostNumberingChange.Between(before, engine.NumberingOf(host)).IsEmpty)
                {
                    renumbered.Add(NumberingLog.Whole(host, engine.NumberingOf(host)));
                }

                continue;
            }

            // The flows before are not known, so open connections are decided anew.
            var numbering = engine.NumberingOf(host);
            count = engine.Follow(host, numbering with { Epoch = numbering.Epoch.Next() });
            var target = new HostTarget(host, state.Revision, engine.DigestOf(host), count);
            hosts.Add(host, target);
            redesired.Add(ChangeWriter.Desired(target));
            renumbered.Add(NumberingLog.Whole(host, engine.NumberingOf(host)));
        }

        var log = new NumberingLog(stored);
        log.Written(new(renumbered, Revision.None), state.Revision, []);
        return new(new(state, hosts.ToMap()), engine, redesired, renumbered, log);
    }

    /// <summary>An engine for a snapshot that the store has: for when the one there was cannot be trusted any more.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public static PolicyEngine Rebuild(PolicyStore store, State state)
    {
        var numberings = store.ReadNumberings().ToDictionary(n => n.Host);
        var engine = PolicyEngine.Of(state);
        foreach (var host in state.Hosts.Select(h => h.Metadata.Name))
        {
            engine.Follow(host, NumberingOf(numberings.GetValueOrDefault(host)));
        }

        return engine;
    }

    private static HostNumbering NumberingOf(StoredNumbering? stored) => stored is null ? HostNumbering.Fresh(Random.Shared) : NumberingLog.Read(stored);
}
