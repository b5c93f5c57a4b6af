namespace Osc.Benchmarks.Engine;

/// <summary>The policy engine on rule sets of published shapes and sizes: flows, times, memory.</summary>
internal static class EngineBenchmark
{
    public static Task<int> RunAsync()
    {
        var falls = FlowCounts.Run();
        Console.WriteLine(falls == 0 ? "every target was met" : $"{falls} targets were missed");
        return Task.FromResult(falls == 0 ? 0 : 1);
    }
}
