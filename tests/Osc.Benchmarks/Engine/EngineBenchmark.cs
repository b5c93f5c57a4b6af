using System.Diagnostics;

namespace Osc.Benchmarks.Engine;

/// <summary>
/// The policy engine on rule sets of published shapes and sizes. Each part runs in a process of its own, so that its memory is
/// its own too.
/// </summary>
internal static class EngineBenchmark
{
    /// <summary>The parts by name: "engine:cluster" runs one here. Each gives how many of its targets were missed.</summary>
    public static readonly IReadOnlyDictionary<string, Func<int>> Parts = new Dictionary<string, Func<int>>
    {
        ["engine:flows"] = FlowCounts.Run,
        ["engine:cluster"] = ClusterBenchmark.Run,
        ["engine:group"] = BigGroupBenchmark.Run,
        ["engine:rules"] = RuleSetBenchmark.Run,
        ["engine:medium"] = PortGroupBenchmark.Run,
        ["engine:churn"] = ChurnBenchmark.Run,
    };

    public static async Task<int> RunAsync()
    {
        var missed = 0;
        foreach (var part in Parts.Keys)
        {
            using var process = Process.Start(Environment.ProcessPath ?? throw new InvalidOperationException("this program has no path"), [part]);
            await process.WaitForExitAsync();
            missed += process.ExitCode;
        }

        Console.WriteLine(missed == 0 ? "every target was met" : $"{missed} targets were missed");
        return missed == 0 ? 0 : 1;
    }
}
