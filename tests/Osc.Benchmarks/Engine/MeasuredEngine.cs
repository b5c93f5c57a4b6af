using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Incremental;
using Osc.Policy.Validation;

namespace Osc.Benchmarks.Engine;

/// <summary>An engine, and how long it took over what was asked of it.</summary>
internal sealed class MeasuredEngine
{
    private readonly PolicyEngine engine;

    public MeasuredEngine(PolicyEngine engine, IEnumerable<Name> hosts)
    {
        this.engine = engine;
        foreach (var host in hosts)
        {
            Follow.Add(() => engine.Follow(host, HostNumbering.Empty));
        }
    }

    public State State => engine.State;

    /// <summary>Hosts worked out on demand, each once.</summary>
    public Samples Follow { get; } = new();

    /// <summary>Does a change and keeps it. What is timed: validation by itself; and from the valid state to all hosts' deltas.</summary>
    public EngineChange Apply(DocumentChanges changes, Samples validation, Samples work)
    {
        var after = validation.Add(() => Sound.OfResult(StateValidator.Validate(engine.State, engine.State.Revision.Next, changes)));
        return work.Add(() =>
        {
            var change = engine.Apply(after, changes);
            engine.Accept();
            return change;
        });
    }

    /// <summary>The same change again and again: a line for the engine, one for validation.</summary>
    /// <param name="make">The next change, from the documents as they are and its number.</param>
    /// <returns>The most flows that one of them changed on one host.</returns>
    public int Repeat(Report report, (string Name, int Times, double? Target, string Peer) what, Func<DocumentSet, int, DocumentChanges> make)
    {
        var (validation, work) = (new Samples(), new Samples());
        var (hosts, flows) = (0, 0);
        for (var i = 0; i < what.Times; i++)
        {
            var change = Apply(make(engine.State.Documents, i), validation, work);
            hosts = Math.Max(hosts, change.Hosts.Count);
            flows = change.Hosts.Select(h => h.Delta.Bridges.Sum(b => b.Add.Count + b.Remove.Count)).Append(flows).Max();
        }

        report.Times($"{what.Name}: engine; at most {hosts:N0} hosts, {flows:N0} flow changes each", work, what.Target, what.Peer);
        report.Times("    validation", validation);
        return flows;
    }
}
