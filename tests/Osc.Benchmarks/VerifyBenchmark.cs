using System.Diagnostics;
using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Validation;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Proof;
using Osc.Policy.Verify.Sets;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks;

/// <summary>
/// What is proven, and how fast: the meaning of one changed policy at 100,000 interfaces, 25,000 groups and 75,000 policies; the flows of
/// hosts of some thousand flows.
/// </summary>
internal static class VerifyBenchmark
{
    private const int Repeats = 7;

    public static Task<int> RunAsync()
    {
        ProveHost("1,000 ports, 100 groups, 1,000 rules; 100 ports here", PortGroupScenario.Of(PortGroupWorkload.Small).Documents, PortGroupScenario.FirstHost);
        ProveHost("4,000 ports, 250 groups, 2,500 rules; 100 ports here", PortGroupScenario.Of(PortGroupWorkload.Generate(4_000, 250, 2_500)).Documents, PortGroupScenario.FirstHost);
        ProveHost("10,000 ports, 500 groups, 5,000 rules; 100 ports here", PortGroupScenario.Of(PortGroupWorkload.Medium).Documents, PortGroupScenario.FirstHost);
        Meaning();
        return Task.FromResult(VerifiedChanges.Run());
    }

    private static void Meaning()
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
    }

    private static void ProveHost(string name, DocumentSet documents, Name host)
    {
        var state = Valid(documents);
        var meaning = new PolicyMeaning(state);
        var compiled = HostCompiler.Compile(state, host, HostNumbering.Empty);
        Measure($"proof of a host of {compiled.Flows.Count:N0} flows ({name}); faults", () => FlowVerifier.Prove(meaning, compiled.Flows, compiled.Numbering).Faults.Count);
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
