using System.Diagnostics;
using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Validation;
using Osc.Scenarios.Changes;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks;

/// <summary>
/// States of 100,000 interfaces, 25,000 groups and 75,000 policies on 1,000 hosts, once with one tenant and once with one a
/// namespace: how long one takes to be made and validated whole, its memory, and how long a change takes to be validated.
/// </summary>
internal static class StateBenchmark
{
    private const int Repeats = 5;
    private const int Changes = 3_000;

    /// <summary>Half of the changes of one document shall take no longer.</summary>
    private const double MostMilliseconds = 0.2;

    public static Task<int> RunAsync()
    {
        var code = 0;
        foreach (var size in new[] { ClusterSize.Published, ClusterSize.Published with { Separate = true } })
        {
            Console.WriteLine(size.Separate ? "a tenant a namespace" : "one tenant");
            var documents = ClusterScenario.Of(size).Documents.ToArray();
            MeasureWhole(documents);
            code = Math.Max(code, MeasureChanges(Valid(DocumentSet.Of(documents))));
        }

        return Task.FromResult(code);
    }

    private static void MeasureWhole(Document[] documents)
    {
        var (sets, states) = (new List<double>(), new List<double>());
        for (var i = 0; i < Repeats; i++)
        {
            var watch = Stopwatch.StartNew();
            var set = DocumentSet.Of(documents);
            sets.Add(watch.Elapsed.TotalMilliseconds);
            watch.Restart();
            _ = Valid(set);
            states.Add(watch.Elapsed.TotalMilliseconds);
        }

        var empty = GC.GetTotalMemory(forceFullCollection: true);
        var kept = Valid(DocumentSet.Of(documents));
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - empty;
        Print($"{kept.Documents.Count:N0} documents into a set", sets);
        Print("whole validation and a state", states);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  memory beside the documents: {bytes / 1e6:F0} MB"));
    }

    private static int MeasureChanges(State state)
    {
        var churn = Churn.Of(state.Documents, 1);
        var times = new List<double>();
        while (times.Count < Changes)
        {
            var changes = churn.Next();
            var watch = Stopwatch.StartNew();
            var result = StateValidator.Validate(state, state.Revision.Next, changes);
            watch.Stop();
            state = result.State ?? throw new InvalidOperationException(result.Errors[0].ToString());
            if (changes.Count == 1 && changes[0].Key.Kind is not (Kind.Network or Kind.Host))
            {
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        // The first ones are the just-in-time compiler's.
        times.RemoveRange(0, Changes / 10);
        Print("a change of one document validated", times);
        var policy = state.Documents.OfType<PolicyDocument>().First();
        var misspelt = DocumentChanges.Of(state.Documents, [policy with { AppliedTo = [new GroupPeer(new(policy.Metadata.Tenant, Name.Parse("nowhere")))] }], []);
        Print("one with a misspelt name refused", [.. Enumerable.Range(0, Repeats).Select(_ => Time(() => StateValidator.Validate(state, state.Revision.Next, misspelt)))]);
        return times[times.Count / 2] <= MostMilliseconds ? 0 : 1;
    }

    private static double Time(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static State Valid(DocumentSet documents) =>
        StateValidator.Validate(new Revision(1), documents).State ?? throw new InvalidOperationException("the scenario is not sound");

    private static void Print(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {what}: median {milliseconds[milliseconds.Count / 2]:F3} ms, p99 {milliseconds[milliseconds.Count * 99 / 100]:F3} ms"));
    }
}
