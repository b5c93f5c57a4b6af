using System.Diagnostics;
using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Validation;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks;

/// <summary>
/// What is proven, and how fast: the meaning of one changed policy at 100,000 interfaces, 25,000 groups and 75,000 policies.
/// </summary>
internal static class VerifyBenchmark
{
    private const int Repeats = 7;

    public static Task<int> RunAsync()
    {
        var scenario = ClusterScenario.Of(ClusterSize.Published);
        var before = Valid(scenario.Documents);
        var change = scenario.ChangePort(scenario.Documents, 17, 4_711);
        var after = Valid(scenario.Documents.With(change));
        Measure("change of one policy, cold: what is newly allowed and dropped", () => MeaningDifference.Between(new(before), new(after), change).Count());
        var (was, now) = (new PolicyMeaning(before), new PolicyMeaning(after));
        Measure("the same, indexes there", () => MeaningDifference.Between(was, now, change).Count());
        Measure("lints of that policy", () => RuleLints.Of(now, change[0].Key.QualifiedName).Count());
        var vrf = before.Vrfs.First();
        var (from, to) = (was.AddressesOf(scenario.GroupOf(3), vrf), was.AddressesOf(scenario.GroupOf(4), vrf));
        Measure("reach from a group to another", () => was.Decide(vrf, from, to, ServiceSet.All).Count());
        Measure("assertion: nothing from outside to a group", () => was.Decide(vrf, AddressSet.IPv4, to, ServiceSet.All).Count());
        return Task.FromResult(0);
    }

    private static State Valid(DocumentSet documents) =>
        StateValidator.Validate(new Revision(1), documents).State ?? throw new InvalidOperationException("the scenario is not sound");

    private static void Measure(string what, Func<int> run)
    {
        var times = new List<double>();
        var answer = 0;
        for (var i = 0; i < Repeats; i++)
        {
            var watch = Stopwatch.StartNew();
            answer = run();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {answer} found, median {times[Repeats / 2]:F2} ms, worst {times[^1]:F2} ms"));
    }
}
