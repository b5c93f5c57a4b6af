using System.Collections.Frozen;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Validation;
using Osc.Store;
using Osc.Store.Hosts;

namespace Osc.Controller.Loop;

/// <summary>The snapshot of a store, and the hosts that it gives other flows than they had when it was written.</summary>
/// <param name="Redesired">Hosts whose flows are others now, since this controller compiles differently: their rollout begins anew.</param>
public sealed record LoadedSnapshot(Snapshot Snapshot, IReadOnlyList<HostDesired> Redesired);

/// <summary>Reads the store at start: all documents, validated, and all hosts, compiled under the numbers they had.</summary>
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
        var hosts = new Dictionary<Name, CompiledHost>();
        var redesired = new List<HostDesired>();
        foreach (var host in state.Hosts.Select(h => h.Metadata.Name))
        {
            var record = records.GetValueOrDefault(host);
            var numbering = record is { Numbering.Length: > 0 } ? HostNumbering.FromJson(record.Numbering) : HostNumbering.Fresh(Random.Shared);
            var compiled = HostCompiler.Compile(state, host, numbering);
            if (record is not null && compiled.Flows.Digest.ToString() == record.DesiredDigest)
            {
                hosts.Add(host, compiled with { Flows = compiled.Flows with { Revision = record.DesiredRevision } });
                continue;
            }

            // The flows before are not known, so open connections are decided anew.
            compiled = HostCompiler.Compile(state, host, compiled.Numbering with { Epoch = compiled.Numbering.Epoch + 1 });
            hosts.Add(host, compiled);
            redesired.Add(ChangeWriter.Desired(compiled));
        }

        return new(new(state, hosts.ToFrozenDictionary()), redesired);
    }
}
