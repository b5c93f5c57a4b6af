using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Incremental;
using Osc.Policy.Validation;

namespace Osc.Controller.Loop;

/// <summary>Works out what a change does to a snapshot.</summary>
/// <param name="engine">Has the snapshot's state worked out, and follows all its hosts.</param>
/// <param name="limits">What a change may not pass.</param>
public sealed class Planner(PolicyEngine engine, ChangeLimits limits)
{
    /// <summary>What a change does. If it is accepted and changes anything, it is open in the engine, to be accepted or reverted there; else the engine is as before.</summary>
    public ChangeOutcome Plan(Snapshot before, Change change)
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
        var changes = DocumentChanges.Of(documents, change.Put, change.Delete);
        if (changes.Count == 0)
        {
            return new ChangeOutcome.Accepted(new(before, before, steps, []));
        }

        var result = StateValidator.Validate(before.State, before.Revision.Next, changes, change.Sources);
        var errors = result.Errors
            .Concat(EnforcementCheck.Check(before.State, changes, change.Sources))
            .Concat(NameBudget.Check(before.State, changes, limits.Names, change.Sources))
            .ToValueList();
        return result.State is not { } state || errors.Count > 0 ? new ChangeOutcome.Invalid(errors) : Compile(before, state, changes, steps);
    }

    private static List<DocumentStep> Steps(DocumentSet documents, Change change) =>
    [
        .. change.Put.Select(d => new DocumentStep(d.Key, documents.Find(d.Key) is not { } old ? StepKind.Created : old.Equals(d) ? StepKind.Unchanged : StepKind.Updated, d)),
        .. change.Delete.Select(key => new DocumentStep(key, StepKind.Deleted, null)),
    ];

    private ChangeOutcome Compile(Snapshot before, State state, DocumentChanges changes, List<DocumentStep> steps)
    {
        var change = engine.Apply(state, changes);
        HostStep[] created = [.. change.Created.Select(h => Begin(h, state.Revision))];
        HostStep[] hosts = [.. created, .. change.Hosts.Select(h => Continue(before, state, h))];
        var over = hosts.Where(h => h.After.Flows > limits.FlowsPerHost && !(h.Before?.Flows >= h.After.Flows)).ToArray();
        if (over.Length > 0)
        {
            engine.Revert();
            return new ChangeOutcome.OverBudget(over, limits.FlowsPerHost);
        }

        var targets = change.Deleted.Aggregate(before.Hosts, (map, host) => map.Without(host));
        targets = hosts.Aggregate(targets, (map, step) => map.With(step.Host, step.After));
        return new ChangeOutcome.Accepted(new(before, new(state, targets), steps, hosts)
        {
            Changes = changes,
            RemovedHosts = [.. change.Deleted],
            Numberings =
            [
                .. change.Created.Select(h => new NumberingStep(h, HostNumberingChange.Between(HostNumbering.Empty, engine.NumberingOf(h)))),
                .. change.Numberings.Select(n => new NumberingStep(n.Key, n.Value)),
            ],
        });
    }

    /// <summary>A host that is new: it is followed from now on.</summary>
    private HostStep Begin(Name host, Revision revision)
    {
        var count = engine.Follow(host, HostNumbering.Fresh(Random.Shared));
        return new(null, new(host, revision, engine.DigestOf(host), count), count, 0);
    }

    private HostStep Continue(Snapshot before, State after, HostChange change)
    {
        var old = before.Host(change.Host) ?? throw new InvalidOperationException($"the engine follows a host {change.Host} that the snapshot does not have");
        var bridges = change.Delta.Bridges;
        return new(
            old,
            new(change.Host, after.Revision, engine.DigestOf(change.Host), change.Count),
            bridges.Sum(b => b.Add.Count),
            bridges.Sum(b => b.Remove.Count))
        {
            Delta = BridgesOf(before.State, change.Host).SequenceEqual(BridgesOf(after, change.Host)) ? change.Delta : null,
        };
    }

    private static IEnumerable<PortName> BridgesOf(State state, Name host) => state.Host(host)?.Bridges.Select(b => b.Name).Order() ?? Enumerable.Empty<PortName>();
}
