using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Incremental;
using Osc.Policy.Validation;

namespace Osc.Benchmarks.Engine;

/// <summary>A kind of change to be measured.</summary>
/// <param name="Target">What the 99th percentile shall not pass, in milliseconds; null where nothing is asked.</param>
/// <param name="Known">The same of the time until the hosts are known that the change concerns.</param>
internal sealed record MeasuredChange(string Name, int Times, double? Target = null, string Peer = "", double? Known = null);

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

    /// <summary>Does a change and keeps it. What is timed: validation by itself; from the valid state to all hosts' deltas; and the part of that until the hosts are known.</summary>
    public EngineChange Apply(DocumentChanges changes, Samples validation, Samples work, Samples known)
    {
        var after = validation.Add(() => Sound.OfResult(StateValidator.Validate(engine.State, engine.State.Revision.Next, changes)));
        return work.Add(() =>
        {
            var change = known.Add(() => engine.Apply(after, changes));
            engine.Accept();
            return change;
        });
    }

    /// <summary>Such a change again and again: a line for the engine, one for validation.</summary>
    /// <param name="make">The next change, from the documents as they are and its number.</param>
    /// <param name="takesBack">Whether each is taken back before the next; that has a line of its own, under the same target.</param>
    /// <returns>The most flows that one of them changed on one host.</returns>
    public int Repeat(Report report, MeasuredChange what, Func<DocumentSet, int, DocumentChanges> make, bool takesBack = false)
    {
        var (validation, known, there, back) = (new Samples(), new Samples(), new Reach(), new Reach());
        for (var i = 0; i < what.Times; i++)
        {
            var changes = make(engine.State.Documents, i);
            there.Count(Apply(changes, validation, there.Work, known));
            if (takesBack)
            {
                back.Count(Apply(changes.Reverse(), validation, back.Work, known));
            }
        }

        report.Times(what.Name + there.Text, there.Work, what.Target, what.Peer);
        report.Times("    of that until the hosts are known", known, what.Known);
        if (takesBack)
        {
            report.Times("    and taken back" + back.Text, back.Work, what.Target);
        }

        report.Times("    validation", validation);
        return there.Flows;
    }

    /// <summary>Changes that come faster than they are worked out one by one, worked out together: a line with how many a second that makes.</summary>
    /// <param name="make">The next batch, from the documents as they are and its number.</param>
    public void Sustain(Report report, int batches, double? target, Func<DocumentSet, int, DocumentChanges> make)
    {
        var (validation, work) = (new Samples(), new Samples());
        var count = 0;
        for (var i = 0; i < batches; i++)
        {
            var changes = make(engine.State.Documents, i);
            count += changes.Count;
            Apply(changes, validation, work, new());
        }

        var rate = count / (validation.Total + work.Total) * 1_000;
        report.Figure($"changed a second, {count / batches:N0} at a time, validated and worked out", rate, "a second", target is { } least ? $">= {least:N0}" : "", rate < target);
    }

    /// <summary>How far a kind of change reached at most.</summary>
    private sealed class Reach
    {
        public Samples Work { get; } = new();

        public int Hosts { get; private set; }

        public int Flows { get; private set; }

        public string Text => Hosts == 0 ? "" : $" ({Hosts:N0} hosts, {Flows:N0} flows each)";

        /// <summary>A flow that changes its actions goes and comes in the delta; to the switch it is one.</summary>
        private static int FlowsOf(BridgeDelta bridge) => bridge.Add.Concat(bridge.Remove).Select(f => f.Key).Distinct().Count();

        public void Count(EngineChange change)
        {
            Hosts = Math.Max(Hosts, change.Hosts.Count);
            Flows = change.Hosts.Select(h => h.Delta.Bridges.Sum(FlowsOf)).Append(Flows).Max();
        }
    }
}
