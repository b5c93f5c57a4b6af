using Osc.Model.Documents;
using Osc.Policy.Incremental;
using Osc.Scenarios.Changes;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Engine;

/// <summary>
/// As many changes as a day has seconds, of all kinds, to a small cluster; half of them take the others back, so
/// that in the end there is what there was in the beginning. Memory must be as it was after the first round.
/// </summary>
internal static class ChurnBenchmark
{
    private const int Rounds = 100;
    private const int ChangesOfRound = 432;
    private const double MaxGrowth = 1.05;

    public static int Run()
    {
        var report = new Report("churn: 86,400 changes of all kinds to 200 pods, 50 groups, 150 policies, 10 hosts; all hosts followed");
        var empty = MemoryUse.Now();
        var size = ClusterSize.Small with { Namespaces = 50 };
        var start = Sound.StateOf(ClusterScenario.Of(size).Documents);
        var engine = new MeasuredEngine(PolicyEngine.Of(start), Enumerable.Range(0, size.Hosts).Select(ClusterScenario.HostName));
        var (validation, work) = (new Samples(2 * Rounds * ChangesOfRound), new Samples(2 * Rounds * ChangesOfRound));
        var (first, most) = (default(MemoryUse), default(MemoryUse));
        for (var round = 0; round < Rounds; round++)
        {
            ThereAndBack(engine, Churn.Of(engine.State.Documents, round), validation, work);
            var now = round % 10 == 0 ? MemoryUse.Now() : most;
            (first, most) = (round == 0 ? now : first, now.Heap > most.Heap ? now : most);
        }

        var last = MemoryUse.Now();
        report.Times("a change: engine", work);
        report.Times("    validation", validation);
        report.Memory("after all", empty);
        GC.KeepAlive(engine);
        report.Figure("heap after the first round", first.Heap, "MB");
        report.Figure("the most after any tenth round", most.Heap, "MB");
        report.Figure("heap after the last", last.Heap, "MB", "as the first", last.Heap > first.Heap * MaxGrowth);
        return report.Missed;
    }

    private static void ThereAndBack(MeasuredEngine engine, Churn churn, Samples validation, Samples work)
    {
        var back = new Stack<DocumentChanges>();
        for (var i = 0; i < ChangesOfRound; i++)
        {
            var changes = churn.Next();
            engine.Apply(changes, validation, work, new());
            back.Push(changes.Reverse());
        }

        foreach (var changes in back)
        {
            engine.Apply(changes, validation, work, new());
        }
    }
}
