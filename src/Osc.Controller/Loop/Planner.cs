using System.Collections.Frozen;
using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;

namespace Osc.Controller.Loop;

/// <summary>Works out what a change does to a snapshot. Changes nothing, so that a dry run and the writer share it.</summary>
public static class Planner
{
    public static ChangeOutcome Plan(Snapshot before, Change change)
    {
        var documents = before.State.Documents;
        if (change.Precondition is { } precondition)
        {
            var hash = documents.Find(precondition.Key) is { } current ? DocumentHash.Of(current) : null;
            if (!precondition.HoldsFor(hash))
            {
                return new ChangeOutcome.PreconditionFailed(precondition.Key, hash);
            }
        }

        foreach (var key in change.Delete)
        {
            if (!documents.Contains(key))
            {
                return new ChangeOutcome.Missing(key);
            }
        }

        var steps = Steps(documents, change);
        if (steps.All(s => s.Kind == StepKind.Unchanged))
        {
            return new ChangeOutcome.Accepted(new(before, before, steps, []));
        }

        var after = change.Delete.Aggregate(documents.With(change.Put), (set, key) => set.Without(key));
        var result = StateValidator.Validate(before.Revision.Next, after, change.Sources);
        var errors = result.Errors.Concat(EnforcementCheck.Check(after, change.Sources)).ToValueList();
        return result.State is not { } state || errors.Count > 0
            ? new ChangeOutcome.Invalid(errors)
            : new ChangeOutcome.Accepted(Compile(before, state, steps));
    }

    private static List<DocumentStep> Steps(DocumentSet documents, Change change) =>
    [
        .. change.Put.Select(d => new DocumentStep(d.Key, documents.Find(d.Key) is not { } old ? StepKind.Created : old.Equals(d) ? StepKind.Unchanged : StepKind.Updated, d)),
        .. change.Delete.Select(key => new DocumentStep(key, StepKind.Deleted, null)),
    ];

    private static Plan Compile(Snapshot before, State state, List<DocumentStep> steps)
    {
        var hosts = new Dictionary<Name, CompiledHost>();
        var changed = new List<HostStep>();
        foreach (var host in state.Hosts.Select(h => h.Metadata.Name))
        {
            var old = before.Hosts.GetValueOrDefault(host);
            var compiled = old is null ? HostCompiler.Compile(state, host, HostNumbering.Fresh(Random.Shared)) : HostCompiler.Update(state, host, old);
            if (old is not null && old.Flows.Digest == compiled.Flows.Digest)
            {
                // The host keeps its revision: it takes no part in the rollout.
                hosts.Add(host, old);
                continue;
            }

            hosts.Add(host, compiled);
            var delta = FlowDelta.Between(old?.Flows ?? new(host, Revision.None, []), compiled.Flows);
            changed.Add(new(compiled, delta.Bridges.Sum(b => b.Add.Count), delta.Bridges.Sum(b => b.Remove.Count)));
        }

        return new(before, new(state, hosts.ToFrozenDictionary()), steps, changed);
    }
}
