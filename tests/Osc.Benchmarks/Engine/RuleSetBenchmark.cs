using Osc.Model.Documents;
using Osc.Policy.Incremental;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Engine;

/// <summary>10,000 rules of one tenant: on one host in one policy, and on 100 hosts in 100 policies.</summary>
internal static class RuleSetBenchmark
{
    private const int Times = 500;

    public static int Run() =>
        Run("one policy, one host, 400 workloads", RuleSetSize.OneHost) + Run("100 policies, 100 hosts, 2,000 workloads", RuleSetSize.ManyHosts);

    private static int Run(string name, RuleSetSize size)
    {
        var report = new Report($"rules: 10,000; {name}");
        var empty = MemoryUse.Now();
        var scenario = RuleSetScenario.Of(size);
        var all = new Samples();
        var engine = all.Add(() => new MeasuredEngine(PolicyEngine.Of(Sound.StateOf(scenario.Documents)), Enumerable.Range(0, size.Hosts).Select(RuleSetScenario.HostOf)));
        report.Times("all hosts worked out, from documents", all);
        report.Memory("all hosts followed", empty);
        var random = new Random(1);
        int Policy(int i) => i % size.Policies;
        int Place() => random.Next(scenario.RulesOfPolicy);
        engine.Repeat(report, new("a rule added", Times, 5, "Delta-net 0.04 ms, VeriFlow 0.1-1 ms to verify one"), (now, i) => scenario.Add(now, Policy(i), Place(), size.Rules + i));
        engine.Repeat(report, new("a rule moved", Times, 5), (now, i) => Moved(now, Policy(i)));
        engine.Repeat(report, new("a rule removed", Times, 5), (now, i) => RuleSetScenario.Remove(now, Policy(i), Place()));
        report.Memory("after these changes", empty);
        GC.KeepAlive(engine);
        return report.Missed;

        DocumentChanges Moved(DocumentSet now, int policy)
        {
            var from = Place();
            return RuleSetScenario.Move(now, policy, from, (from + 1 + random.Next(scenario.RulesOfPolicy - 1)) % scenario.RulesOfPolicy);
        }
    }
}
