using Osc.Controller.Loop;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Documents;
using Osc.Policy.Explain;
using Osc.Policy.Planning;
using Osc.Policy.Validation;
using Osc.Policy.Verify.Meaning;
using Osc.Store;
using Osc.Store.Revisions;

namespace Osc.Controller.History;

/// <summary>The explainer of a revision's state, or why this controller can make none of it.</summary>
public sealed record ExplainerResult(Explainer? Explainer, ValueList<DocumentError> Errors);

/// <summary>
/// Explainers of the current revision and of those that were asked for last. A past state is the current one with what has
/// changed since taken back, so it shares what has not.
/// </summary>
public sealed class Explainers(PolicyLoop policy, PolicyStore store)
{
    /// <summary>Past states that are kept.</summary>
    private const int MostPast = 3;

    private readonly Lock gate = new();

    /// <summary>Held by who makes the current explainer.</summary>
    private readonly Lock making = new();
    private readonly LinkedList<(Revision Revision, Lazy<ExplainerResult> Result)> past = new();
    private Explainer? current;

    /// <summary>Held by who makes what is meant.</summary>
    private readonly Lock meaning = new();
    private PolicyMeaning? meant;

    /// <summary>Of the state that is in force now.</summary>
    public Explainer Current => Of(policy.Current.State);

    /// <summary>Of a snapshot's state.</summary>
    public Explainer Of(State state)
    {
        var known = Volatile.Read(ref current);
        if (known?.State == state)
        {
            return known;
        }

        // What is laid out for a state is laid out once, however many ask at once.
        lock (making)
        {
            known = current;
            if (known is null)
            {
                return current = new(state);
            }

            if (known.State == state)
            {
                return known;
            }

            // A snapshot that is read late may be older than one that was asked before.
            var isNewer = known.State.Revision.CompareTo(state.Revision) < 0;
            var since = isNewer ? known.State.Revision : state.Revision;
            var made = known.For(state, [.. store.ReadChangedSince(since).Select(d => d.Key)]);
            if (isNewer)
            {
                Volatile.Write(ref current, made);
            }

            return made;
        }
    }

    /// <param name="revision">One that there is.</param>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public ExplainerResult At(Revision revision)
    {
        var now = policy.Current.State;
        return revision == now.Revision ? new(Of(now), []) : Remembered(revision).Value;
    }

    /// <summary>What the documents mean for sets of connections, now or when it was last asked.</summary>
    /// <param name="asked">Of no older revision than this.</param>
    public PolicyMeaning MeaningSince(Revision asked)
    {
        lock (meaning)
        {
            return meant is not null && meant.State.Revision.CompareTo(asked) >= 0 ? meant : MeaningOf(policy.Current.State);
        }
    }

    /// <summary>What the documents of a state mean for sets of connections. What was laid out for the newest one that was asked is kept where it is the same.</summary>
    public PolicyMeaning MeaningOf(State state)
    {
        lock (meaning)
        {
            if (meant?.State == state)
            {
                return meant;
            }

            var isNewest = meant is null || meant.State.Revision.CompareTo(state.Revision) < 0;
            var made = meant is null ? new(state) : meant.To(state, [.. store.ReadChangedSince(isNewest ? meant.State.Revision : state.Revision).Select(d => d.Key)]);
            meant = isNewest ? made : meant;
            return made;
        }
    }

    /// <summary>What a plan means for connections, assertions and rules.</summary>
    public PlanEffects EffectsOf(Plan plan)
    {
        var before = MeaningOf(plan.Before.State);
        return EffectPlanner.Plan(before, plan.ChangesNothing ? before : before.After(plan.After.State, plan.Changes), plan.Changes);
    }

    private Lazy<ExplainerResult> Remembered(Revision revision)
    {
        lock (gate)
        {
            var node = past.First;
            while (node is not null && node.Value.Revision != revision)
            {
                node = node.Next;
            }

            if (node is null)
            {
                // So a failure of the store is not remembered; two who ask at once may both load.
                node = new((revision, new(() => Load(revision), LazyThreadSafetyMode.PublicationOnly)));
            }
            else
            {
                past.Remove(node);
            }

            past.AddFirst(node);
            if (past.Count > MostPast)
            {
                past.RemoveLast();
            }

            return node.Value.Result;
        }
    }

    private ExplainerResult Load(Revision revision)
    {
        // What has not changed since in the store is in the current state too, which may be behind the store but not behind the revision.
        var now = policy.Current.State;
        var then = store.ReadChangedSince(revision);
        var changes = DocumentChanges.Of(
            now.Documents, then.Select(d => d.Document).OfType<StoredDocument>().Select(StoredDocuments.Parse), then.Where(d => d.Document is null).Select(d => d.Key));
        var (state, errors) = StateValidator.Validate(now, revision, changes);
        return new(state is null ? null : Of(now).For(state, [.. then.Select(d => d.Key)]), errors);
    }
}
