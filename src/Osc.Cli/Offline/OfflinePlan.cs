using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Planning;
using Osc.Policy.Verify.Meaning;

namespace Osc.Cli.Offline;

/// <summary>What going from one state to another changes.</summary>
/// <param name="Changes">Documents that are created, updated or deleted.</param>
/// <param name="Hosts">Hosts of either state, also those whose flows stay.</param>
/// <param name="Effects">What that means for connections, assertions and rules.</param>
internal sealed record OfflinePlan(IReadOnlyList<PlannedDocument> Changes, IReadOnlyList<PlannedHost> Hosts, PlanEffects Effects)
{
    public static OfflinePlan Between(State before, State after)
    {
        var keys = before.Documents.Concat(after.Documents).Select(d => d.Key).Distinct().Order();
        var changes = keys.Select(k => PlannedDocument.Between(k, before.Documents.Find(k), after.Documents.Find(k))).OfType<PlannedDocument>();
        var hosts = before.Hosts.Concat(after.Hosts).Select(h => h.Metadata.Name).Distinct().Order();
        var documents = DocumentChanges.Between(before.Documents, after.Documents);
        var meaning = new PolicyMeaning(before);
        var effects = EffectPlanner.Plan(meaning, meaning.For(after, [.. documents.Select(c => c.Key)]), documents);
        return new([.. changes], [.. hosts.Select(h => PlannedHost.Between(h, before, after))], effects);
    }
}

/// <param name="Document">"tenant/Kind/name".</param>
/// <param name="Change">created, updated or deleted.</param>
/// <param name="Fields">For an update, its fields: "spec.order: 100 -> 50", "spec.rules[web].services + tcp/443".</param>
internal sealed record PlannedDocument(string Document, string Change, IReadOnlyList<string> Fields)
{
    public static PlannedDocument? Between(DocumentKey key, Document? before, Document? after) => (before, after) switch
    {
        (null, { }) => new(key.ToString(), "created", []),
        ({ }, null) => new(key.ToString(), "deleted", []),
        ({ }, { }) when DocumentDifference.Between(before, after) is { Count: > 0 } fields => new(key.ToString(), "updated", fields),
        _ => null,
    };
}

/// <param name="Added">Flows that the host gets; one that changes counts as removed and added.</param>
/// <param name="Flows">How many it has then.</param>
internal sealed record PlannedHost(string Host, int Added, int Removed, int Flows)
{
    public static PlannedHost Between(Name host, State before, State after)
    {
        var old = HostCompiler.Compile(before, host, HostNumbering.Empty);
        var fresh = HostCompiler.Update(after, host, old);
        var delta = FlowDelta.Between(old.Flows, fresh.Flows);
        return new(host.Value, delta.Bridges.Sum(b => b.Add.Count), delta.Bridges.Sum(b => b.Remove.Count), fresh.Flows.Count);
    }
}
