using System.Diagnostics;
using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Explain;
using Osc.Policy.Planning;
using Osc.Policy.Reach;
using Osc.Policy.Validation;
using Osc.Policy.Verify.Meaning;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks;

/// <summary>Questions at 100,000 interfaces, 25,000 groups and 75,000 policies in one tenant: explain, reach, and what a change means.</summary>
internal static class ExplainBenchmark
{
    private const int Answers = 2_000;
    private const int Repeats = 7;

    public static Task<int> RunAsync()
    {
        var scenario = ClusterScenario.Of(ClusterSize.Published);
        var state = Valid(scenario.Documents);
        var late = Explain("explain, policies applied to their namespaces", state) > ExplainLimit;

        AfterChange("explain right after a workload changed", scenario, state);

        // The same rules with all of them standing everywhere: each must be looked at.
        var everywhere = Valid(DocumentSet.Of(scenario.Documents.Select(d => d is PolicyDocument p ? p with { AppliedTo = [] } : d)));
        late |= Explain("explain, 75,000 policies applied everywhere", everywhere) > ExplainLimit;

        var meaning = new PolicyMeaning(state);
        late |= Plan("plan of a port changed in one policy", state, meaning, scenario.ChangePort(scenario.Documents, 17, 4_711)) > PlanLimit;
        Plan("plan of a workload that joins another group", state, meaning, scenario.Relabel(scenario.Documents, scenario.PodOf(5, 1), 9));
        Plan("plan of a new workload", state, meaning, scenario.AddPod(scenario.Documents, 7, 3, 1));
        var question = new ReachQuestion { From = scenario.GroupOf(3).ToString(), To = scenario.GroupOf(4).ToString() };
        Print("reach from a group to another", Times(Repeats, () => Reachability.Ask(meaning, question)));
        return Task.FromResult(late ? 1 : 0);
    }

    /// <summary>Milliseconds that the median answer may take.</summary>
    private const double ExplainLimit = 5;

    private const double PlanLimit = 1_000;

    private static double Explain(string what, State state)
    {
        var explainer = new Explainer(state);
        var random = new Random(1);
        var connections = Enumerable.Range(0, Answers).Select(_ => Next(state, random)).ToArray();
        Print(what + ", first answer", Times(1, () => ExplainAnswer.Of(state, explainer.Explain(connections[0])).ToJson()));
        var next = 0;
        return Print(what, Times(Answers, () => ExplainAnswer.Of(state, explainer.Explain(connections[next++])).ToJson()));
    }

    private static void AfterChange(string what, ClusterScenario scenario, State state)
    {
        var explainer = new Explainer(state);
        var random = new Random(2);
        explainer.Explain(Next(state, random));
        var times = new double[Repeats];
        for (var i = 0; i < Repeats; i++)
        {
            var changes = scenario.Relabel(state.Documents, scenario.PodOf(i, 1), 100 + i);
            var after = StateValidator.Validate(state, state.Revision.Next, changes).State ?? throw new InvalidOperationException("the change is not sound");
            var connection = Next(state, random);
            times[i] = Times(1, () => explainer.For(after, [.. changes.Select(c => c.Key)]).Explain(connection))[0];
        }

        Array.Sort(times);
        Print(what, times);
    }

    private static double Plan(string what, State state, PolicyMeaning meaning, DocumentChanges changes)
    {
        var after = StateValidator.Validate(state, state.Revision.Next, changes).State ?? throw new InvalidOperationException("the change is not sound");
        return Print(what, Times(Repeats, () => EffectPlanner.Plan(meaning, meaning.For(after, [.. changes.Select(c => c.Key)]), changes)));
    }

    private static Connection Next(State state, Random random)
    {
        var (from, to) = (state.Interfaces[random.Next(state.Interfaces.Count)], state.Interfaces[random.Next(state.Interfaces.Count)]);
        return new(from.Vrf, from.Interface.Addresses[0], to.Interface.Addresses[0], IpProtocol.Tcp, (ushort)(random.Next(2) == 0 ? 443 : random.Next(65_536)));
    }

    private static State Valid(DocumentSet documents) =>
        StateValidator.Validate(new Revision(1), documents).State ?? throw new InvalidOperationException("the scenario is not sound");

    private static double[] Times<T>(int count, Func<T> run)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var watch = Stopwatch.StartNew();
            GC.KeepAlive(run());
            times[i] = watch.Elapsed.TotalMilliseconds;
        }

        Array.Sort(times);
        return times;
    }

    private static double Print(string what, double[] sorted)
    {
        var median = sorted[sorted.Length / 2];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what,-65} median {median,9:F2} ms, p99 {sorted[(int)(sorted.Length * 0.99)],9:F2} ms, worst {sorted[^1],9:F2} ms"));
        return median;
    }
}
