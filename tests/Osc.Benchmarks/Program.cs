using Osc.Benchmarks;

// osc-bench [NAME...]: the named measurements, by default all of them.
var benchmarks = new Dictionary<string, Func<Task<int>>>
{
    ["openflow"] = OpenFlowBenchmark.RunAsync,
    ["store"] = StoreBenchmark.RunAsync,
    ["programs"] = ProcessBenchmark.RunAsync,
};
foreach (var name in args.Length > 0 ? args : [.. benchmarks.Keys])
{
    if (!benchmarks.TryGetValue(name, out var run))
    {
        Console.Error.WriteLine($"no measurement is called '{name}'; there are: {string.Join(", ", benchmarks.Keys)}");
        return 2;
    }

    if (await run() is var code and not 0)
    {
        return code;
    }
}

return 0;
